"""Intervals, exact tests and power for few seeds: arrays in, numbers out.

Begin with `intervals`; `estimates` are what the judge judges. Imports nothing of the package but
`errors`.
"""
