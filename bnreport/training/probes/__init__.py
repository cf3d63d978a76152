"""Measure inside a net at a checkpoint: pure functions of a snapshot.

Begin with `registry.PROBES`; a probe is one function and one line there.
"""
