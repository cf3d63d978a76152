import keras
import numpy as np

dense = keras.layers.Dense(10)
norm = keras.layers.BatchNormalization()
net = keras.Sequential([dense, norm])
x = keras.random.normal((32, 20), seed=1)
for _ in range(500):
    # Moves the averages, as fit does.
    net(x, training=True)

kernel, bias = dense.get_weights()
gamma, beta, mean, var = norm.get_weights()
scale = gamma / np.sqrt(var + norm.epsilon)

folded = keras.layers.Dense(10)
folded.build(x.shape)
offset = (bias - mean) * scale + beta
folded.set_weights([kernel * scale, offset])
