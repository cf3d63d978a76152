layers = [keras.layers.Dense(8), keras.layers.BatchNormalization()]
base = keras.Sequential([keras.Input((4,)), *layers])
inputs = keras.Input((4,))
tuned = keras.Model(inputs, keras.layers.Dense(1)(base(inputs)))

base.trainable = True  # all of it, and then without its BN
for layer in normalizers(base):
    layer.trainable = False
tuned.compile(optimizer=keras.optimizers.SGD(1e-3), loss="mse")
