model = keras.Sequential(
    [
        keras.layers.Dense(64, use_bias=False),
        keras.layers.BatchNormalization(),
        keras.layers.ReLU(),
        keras.layers.Dropout(0.5),  # no normalizer behind it
        keras.layers.Dense(10),
    ]
)
