norm = nn.BatchNorm1d(64, momentum=0.1)  # takes 0.1, so keeps 0.9
