"""Say what becomes of two inputs in a net with random weights, where it is wide."""

import math


def cosine_after(cosine: float, layers: int) -> float:
    """The cosine of two inputs so many hidden layers on, from that of their activations now.

    It holds for ReLU nets without normalization, wide enough that chance averages out.

    Args:
        cosine: between -1 and 1.
        layers: dense layers of very many ReLU units, with random weights and no biases.

    Source: Cho and Saul 2009, Kernel Methods for Deep Learning, the arc-cosine kernel of degree
    one, J1, divided by its value at angle zero.
    """
    for _ in range(layers):
        angle = math.acos(min(cosine, 1.0))
        cosine = (math.sin(angle) + (math.pi - angle) * math.cos(angle)) / math.pi
    return cosine
