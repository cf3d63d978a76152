"""Train a net by a recipe: any optimizer and schedule, scored by several statistics of BN.

Begin with `run.follow`; `programs` are compiled, `optimizers` change the weights, and `statistics`
holds what BN normalizes by: moving averages beside the run, and fresh ones.
"""
