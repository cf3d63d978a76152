model.eval()  # every layer: averages in place of the batch, no dropout
answers = model(x)
