model.eval()
with torch.no_grad():
    answers = model(x)
