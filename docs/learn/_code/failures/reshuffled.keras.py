import tensorflow as tf

dataset = tf.data.Dataset.from_tensor_slices((x_train, y_train)).cache()
dataset = dataset.shuffle(len(x_train), seed=1, reshuffle_each_iteration=True)
dataset = dataset.batch(32)  # the seed repeats the run, and not the epoch
