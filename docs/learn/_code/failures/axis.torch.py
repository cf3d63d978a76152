norm = nn.BatchNorm1d(64)
y = norm(x.transpose(1, 2)).transpose(1, 2)  # x: (batch, time, channels)
