random = np.random.default_rng(1)  # once, in front of the loop over epochs
epochs = []
for _ in range(2):
    rows = random.permutation(len(x_train))
    epochs.append([rows[i : i + 32] for i in range(0, len(rows), 32)])
