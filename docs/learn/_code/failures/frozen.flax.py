model.train()
for layer in normalizers(model):  # again after each model.train()
    layer.use_running_average = True  # uses the averages, and keeps them
