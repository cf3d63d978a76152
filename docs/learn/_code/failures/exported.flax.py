model.eval()  # before anything is exported
graph, weights, averages, rest = nnx.split(model, nnx.Param, nnx.BatchStat, ...)
again = nnx.merge(graph, weights, averages, rest)  # save all of them
np.testing.assert_allclose(again(x), model(x), atol=1e-5)
