"""Measure what training costs: implementations side by side, down to bare matrix products.

Begin with `parts.measure`; `implementations` are what is timed, in the `processes` that stand
ready. May import `training` and what stands below it.
"""
