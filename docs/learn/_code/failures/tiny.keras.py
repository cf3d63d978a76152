norm = keras.layers.GroupNormalization(groups=8)
