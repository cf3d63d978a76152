update_bn(new_batches, model)  # no labels needed
model.eval()
