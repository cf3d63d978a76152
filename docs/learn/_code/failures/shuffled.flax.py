rows = np.random.default_rng(epoch).permutation(len(x_train))  # each epoch
batches = [rows[i : i + 32] for i in range(0, len(rows), 32)]
