for layer in normalizers(model):
    if not np.isfinite(layer.moving_variance).all():
        print(layer.name, "is spoiled")
recalibrate(model, batches)
