# On the TensorFlow backend alone, under a tf.distribute strategy.
norm = keras.layers.BatchNormalization(synchronized=True)
