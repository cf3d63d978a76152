import tensorflow as tf

dataset = tf.data.Dataset.from_tensor_slices((x_train, y_train))
dataset = dataset.shuffle(len(x_train), reshuffle_each_iteration=True)
dataset = dataset.batch(32)  # behind the shuffle, and no cache() after it
