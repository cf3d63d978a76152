from torch.utils.data import DataLoader, TensorDataset

generator = torch.Generator().manual_seed(1)  # once: it repeats the run
dataset = TensorDataset(x_train, y_train)
loader = DataLoader(dataset, batch_size=32, shuffle=True, generator=generator)
