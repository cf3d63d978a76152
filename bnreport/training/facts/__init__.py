"""Find what Keras' batch normalization does, by running it: a fact is 1, 0 or a number.

Begin with `ask.found`; `switches`, `numbers`, `differences`, `spoiled` and `tuned` are its parts.
"""
