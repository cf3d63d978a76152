for layer in normalizers(model):
    if not jnp.isfinite(layer.var[...]).all():
        print(layer, "is spoiled")
model = recalibrated(model, batches)
