rows = np.random.default_rng(epoch).permutation(len(x_train))
whole = rows[: len(rows) // 32 * 32].reshape(-1, 32)  # a row is a batch
