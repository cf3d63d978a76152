center = x_train.mean(axis=0)  # of float64, with one number for all splits
x_train, x_val = ((x - center).astype("float32") for x in (x_train, x_val))
