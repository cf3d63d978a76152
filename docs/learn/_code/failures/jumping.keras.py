steps = 10 * (len(x_train) // 32)  # of the whole training
rate = keras.optimizers.schedules.CosineDecay(0.1, steps)
optimizer = keras.optimizers.SGD(rate)  # for model.compile
