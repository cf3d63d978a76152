model = recalibrated(model, new_batches)  # no labels needed
