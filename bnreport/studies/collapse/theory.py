"""What theory says of ReLU nets without normalization, wide enough that chance averages out."""

import math


def after(cosine: float, layers: int) -> float:
    """The cosine of two images so many hidden layers on, from that of their activations now.

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
