update_bn(train_loader, model)  # this net; it also moves dropout's draws
model.eval()
norm = nn.BatchNorm1d(64, momentum=0.1)  # and the next: the default
