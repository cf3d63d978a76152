answers = model(x, training=False)  # as model.predict(x) does
