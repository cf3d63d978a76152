import keras
import tensorflow as tf

x = keras.random.normal((32, 10), 5, 3, seed=1)
w = keras.random.normal((32, 10), seed=2)
norm = keras.layers.BatchNormalization()
norm.build(x.shape)

with tf.GradientTape() as tape:
    tape.watch(x)
    y = norm(x, training=True)
    loss = tf.reduce_sum(w * y)

by = [x, *norm.trainable_variables]
dx, dgamma, dbeta = tape.gradient(loss, by)
