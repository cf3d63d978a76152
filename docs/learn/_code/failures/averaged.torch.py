from torch.optim.swa_utils import AveragedModel, update_bn

averaged = AveragedModel(model)
averaged.update_parameters(model)  # in training, after each step or epoch
update_bn(train_loader, averaged)  # at the end, once
averaged.eval()
