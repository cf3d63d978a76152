y = norm(x, mask=real[..., None])  # real: (batch, time), True or False
