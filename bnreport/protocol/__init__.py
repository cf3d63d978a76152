"""Say what is asked, as frozen values: claims, trials, nets, checks, rules, data sets.

Begin with `claims.Claim` and `trials.Trial`. Digests of these values identify runs and freeze
claims. May import `errors`.
"""
