def mixed(old, new):
    """The average after one more step."""
    return jax.tree.map(lambda a, b: 0.99 * a + 0.01 * b, old, new)


averaged = nnx.clone(model)
# In training, after each step. nnx.Param leaves the statistics out.
weights = (nnx.state(net, nnx.Param) for net in (averaged, model))
nnx.update(averaged, mixed(*weights))
averaged = recalibrated(averaged, batches)  # at the end, once
