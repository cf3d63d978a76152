norm = nn.GroupNorm(num_groups=8, num_channels=64)
