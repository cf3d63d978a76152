model.train()
for layer in normalizers(model):  # again after each model.train()
    layer.eval()  # keeps the averages
    layer.requires_grad_(False)  # keeps gamma and beta
