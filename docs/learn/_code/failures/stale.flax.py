model = recalibrated(model, batches)  # this net, as above
norm = nnx.BatchNorm(64, momentum=0.9, rngs=nnx.Rngs(0))  # and the next
