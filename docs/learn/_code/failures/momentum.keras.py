norm = keras.layers.BatchNormalization(momentum=0.9)  # keeps 0.9
