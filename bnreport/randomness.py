"""Random numbers from NumPy, by (seed, purpose): the same on every backend."""

import hashlib
import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats: TypeAlias = NDArray[np.float32]
Indices: TypeAlias = NDArray[np.int32]

# A normal cut at two standard deviations has this standard deviation; Keras divides by it.
_TRUNCATED_STD = 0.87962566103423978


def generator(seed: int, purpose: str) -> np.random.Generator:
    """A generator that depends on the seed and the purpose alone, not on what was drawn before."""
    word = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8])
    return np.random.default_rng([seed, word])


def kernel(initializer: str, seed: int, layer: str, shape: tuple[int, ...]) -> Floats:
    """The initial kernel of a layer, by Keras' initializer of that name.

    Both initializers transform the same uniform numbers of (seed, layer), so arms that differ in
    the initializer stay paired.

    Args:
        initializer: "HeNormal" or "GlorotUniform", the names of Keras' classes.
        seed: the run's seed.
        layer: the layer's name.
        shape: (inputs, units), or (height, width, inputs, units) of a convolution.

    Returns:
        Weights of that shape, float32.

    Raises:
        ValueError: for another initializer.

    Source: He et al. 2015 (arXiv 1502.01852), equation 10, as Keras draws it (cut at two standard
    deviations); Glorot and Bengio 2010, equation 16.
    """
    field = math.prod(shape[:-2])
    fan_in, fan_out = field * shape[-2], field * shape[-1]
    uniform = generator(seed, f"weights of {layer}").random(shape)
    if initializer == "HeNormal":
        low = ndtr(-2.0)
        normal = ndtri(low + uniform * (1.0 - 2.0 * low))
        drawn = normal * math.sqrt(2.0 / fan_in) / _TRUNCATED_STD
    elif initializer == "GlorotUniform":
        drawn = (2.0 * uniform - 1.0) * math.sqrt(6.0 / (fan_in + fan_out))
    else:
        raise ValueError(
            f"Expected HeNormal or GlorotUniform for layer {layer!r}. "
            f"Received: initializer={initializer!r}."
        )
    return np.asarray(drawn, dtype=np.float32)
