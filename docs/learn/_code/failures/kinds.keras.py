both = keras.ops.concatenate([real, generated])
answers = model(both, training=True)  # one set of statistics for both
of_real, of_generated = answers[: len(real)], answers[len(real) :]
