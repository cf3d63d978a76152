rngs = nnx.Rngs(0)
model = nnx.Sequential(
    nnx.Linear(6, 64, use_bias=False, rngs=rngs),
    nnx.BatchNorm(64, rngs=rngs),
    nnx.relu,
    nnx.Dropout(0.5, rngs=rngs),  # no normalizer behind it
    nnx.Linear(64, 10, rngs=rngs),
)
