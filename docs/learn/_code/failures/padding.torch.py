y = torch.zeros_like(x)
y[real] = norm(x[real])  # x: (batch, time, channels), real: (batch, time)
