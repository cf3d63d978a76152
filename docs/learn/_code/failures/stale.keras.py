recalibrate(model, batches)  # this net, by the function from above
norm = keras.layers.BatchNormalization(momentum=0.9)  # and the next
