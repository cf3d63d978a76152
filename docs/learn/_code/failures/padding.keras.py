y = norm(x, mask=real, training=True)  # real: (batch, time), True or False
