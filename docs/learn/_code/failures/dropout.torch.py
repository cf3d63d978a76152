model = nn.Sequential(
    nn.Linear(6, 64, bias=False),
    nn.BatchNorm1d(64),
    nn.ReLU(),
    nn.Dropout(0.5),  # no normalizer behind it
    nn.Linear(64, 10),
)
