"""Leaves the tests of a program out where its library is not installed: its lock is its own."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") else ["test_lag_torch.py"]
