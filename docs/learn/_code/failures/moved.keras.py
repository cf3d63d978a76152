recalibrate(model, new_batches)  # no labels needed
