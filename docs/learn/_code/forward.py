import keras

x = keras.random.normal((32, 10), 5, 3, seed=1)
norm = keras.layers.BatchNormalization()

y = norm(x, training=True)
