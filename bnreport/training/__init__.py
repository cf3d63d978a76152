"""Train a net and measure it, by Keras on TensorFlow or JAX.

Begin with `engine.train`; `programs` are compiled, `batches` and `images` are what they see,
`probes/` what is measured at a checkpoint, and `facts/` what Keras itself does. `recipes/` trains
by any optimizer and schedule; begin there with `run.follow`. May import `protocol`, `randomness`,
`reference` and `machine`.
"""
