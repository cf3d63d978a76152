norm = nnx.BatchNorm(64, momentum=0.9, rngs=nnx.Rngs(0))  # keeps 0.9
