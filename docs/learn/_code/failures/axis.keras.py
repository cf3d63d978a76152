norm = keras.layers.BatchNormalization(axis=1)  # (batch, channels, ...)
