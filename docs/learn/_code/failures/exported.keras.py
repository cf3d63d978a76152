model.save("net.keras")
again = keras.models.load_model("net.keras")
answers = model(x, training=False)
np.testing.assert_allclose(again(x, training=False), answers, atol=1e-5)
