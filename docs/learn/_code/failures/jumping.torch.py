optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
steps = 10 * len(train_loader)  # of the whole training
rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
# after each optimizer.step(): rate.step()
