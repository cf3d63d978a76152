"""The pools of five normalizers, their picture and their counts."""

import numpy as np
import pytest

from bnreport.lessons.axes import (
    CHANNELS,
    EXAMPLE,
    HEIGHT,
    NORMALIZERS,
    WIDTH,
    analyse,
    normalized,
    parameters,
)

ANALYSIS = analyse()
X = np.random.default_rng(3).normal(2.0, 3.0, (4, 3, 5, 6))


def test_a_pool_is_what_numpy_averages_over() -> None:
    x = X.transpose(0, 3, 1, 2)  # images, channels, height, width
    axes = {"BatchNorm": (0, 2, 3), "LayerNorm": (1, 2, 3), "InstanceNorm": (2, 3)}
    for kind in NORMALIZERS:
        pool = kind.pool(x, 2)
        whole = x if kind.label != "GroupNorm" else x.reshape(4, 2, 3, 3, 5)
        over = {"GroupNorm": (2, 3, 4), "RMSNorm": (1, 2, 3)}.get(kind.label) or axes[kind.label]
        assert pool.mean() == pytest.approx(whole.mean(over).flat[0]), kind.label


def test_the_worked_number_is_negative_wherever_a_mean_is_subtracted() -> None:
    for kind in NORMALIZERS:
        pool = kind.pool(EXAMPLE, 2)
        assert (normalized(pool[0], pool, kind.centres)[2] < 0) == kind.centres


def test_the_counts_of_parameters_grow_with_the_image_for_one_layer_alone() -> None:
    small, large = (parameters(CHANNELS, pixels) for pixels in (1, HEIGHT * WIDTH))
    assert [name for name in small if small[name] != large[name]] == [
        "LayerNormalization(axis=(1, 2, 3))"
    ]
