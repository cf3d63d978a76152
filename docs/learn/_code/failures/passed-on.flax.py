# Flax linen. In training the statistics come back, and have to be kept:
answers, changed = model.apply(variables, x, train=True, mutable=["batch_stats"])
variables = {"params": variables["params"], **changed}
# In evaluation they have to be handed over:
answers = model.apply(variables, x_val, train=False)
