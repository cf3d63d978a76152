"""Intervals, exact tests and power for few seeds: arrays in, numbers out.

Begin with `intervals`; `estimates` are what the judge judges. Imports nothing of the package but
`errors`. `scipy` loads its `stats`, which takes longest, where it is first used: to judge, but not
to fill in a page.
"""
