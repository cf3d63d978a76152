history = model.fit(x_train, y_train, validation_data=(x_val, y_val), verbose=2)
at_the_end = model.evaluate(x_train, y_train, verbose=0)
