"""Intervals, exact tests and power for few seeds: arrays in, numbers out.

Begin with `intervals`; `estimates` are what the judge judges. May import `errors`. SciPy
loads its statistics, which take longest, where they are first used: to judge, but not to fill in a
page.
"""
