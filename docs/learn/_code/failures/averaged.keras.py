optimizer = keras.optimizers.SGD(0.01, use_ema=True)
model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
model.fit(x_train, y_train, verbose=0)  # ends by putting the average in
recalibrate(model, batches)
