"""Inject faults: damaged files, processes that are killed, machines that refuse.

`python -m tests.injection` makes all of them, from seeds that are kept here, and says what became
of each; `scripts/faults` calls it. The test modules beside it make a few of the same.
"""
