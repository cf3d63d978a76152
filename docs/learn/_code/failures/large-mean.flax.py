center = x_train.mean(axis=0)  # NumPy's float64; jnp.asarray makes float32
x_train, x_val = ((x - center).astype("float32") for x in (x_train, x_val))
