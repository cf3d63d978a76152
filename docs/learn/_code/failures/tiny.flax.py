norm = nnx.GroupNorm(64, num_groups=8, rngs=nnx.Rngs(0))
