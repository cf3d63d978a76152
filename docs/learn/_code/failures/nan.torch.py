for layer in normalizers(model):
    if not torch.isfinite(layer.running_var).all():
        print(layer, "is spoiled")
update_bn(train_loader, model)  # resets the statistics first
model.eval()
