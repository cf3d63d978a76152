# The name that pmap or shard_map gives the axis of the devices.
norm = nnx.BatchNorm(64, axis_name="devices", rngs=nnx.Rngs(0))
