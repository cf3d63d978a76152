model.eval()  # both at the end, and both in the same mode
of_training = accuracy(model, x_train, y_train)
of_validation = accuracy(model, x_val, y_val)
