import optax

steps = 10 * (len(x_train) // 32)  # of the whole training
rate = optax.cosine_decay_schedule(0.1, steps)
optimizer = nnx.Optimizer(model, optax.sgd(rate), wrt=nnx.Param)
