"""Leaves the tests of PyTorch and Flax out where these are missing: their lock is their own."""

from importlib.util import find_spec

TESTS = {"torch": ("test_torch.py", "test_page_torch.py"), "flax": ("test_page_flax.py",)}
collect_ignore = [
    file for library, files in TESTS.items() if not find_spec(library) for file in files
]
