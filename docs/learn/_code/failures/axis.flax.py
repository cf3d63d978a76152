norm = nnx.BatchNorm(64, axis=1, rngs=nnx.Rngs(0))  # (batch, channels, ...)
