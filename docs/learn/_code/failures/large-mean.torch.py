center = x_train.mean(dim=0)  # of float64, with one number for all splits
x_train, x_val = ((x - center).float() for x in (x_train, x_val))
