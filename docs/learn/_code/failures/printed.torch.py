model.eval()  # both at the end, and both in the same mode
of_training, of_validation = (accuracy(model, loader) for loader in (train_loader, val_loader))
