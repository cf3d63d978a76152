"""Images move by a pixel at most, the same for a seed, an epoch and a place."""

import numpy as np
import pytest

from bnreport.training.augmentation import shifted, shifts


def test_shifts_are_of_one_pixel_and_belong_to_seed_epoch_and_place() -> None:
    found = shifts(1, 1, 9_000)
    assert (found.shape, found.dtype.name) == ((9_000, 2), "int32")
    pairs, counts = np.unique(found, axis=0, return_counts=True)
    assert pairs.tolist() == [[a, b] for a in (-1, 0, 1) for b in (-1, 0, 1)]
    assert counts == pytest.approx(np.full(9, 1_000), rel=0.15)
    assert (found == shifts(1, 1, 9_000)).all()
    assert (found != shifts(2, 1, 9_000)).any()
    assert (found != shifts(1, 2, 9_000)).any()
    # More images leave the shifts of the first ones alone.
    assert (found[:100] == shifts(1, 1, 100)).all()


def test_a_shifted_image_moves_down_and_to_the_right_and_lets_background_in() -> None:
    x = np.arange(1, 10, dtype=np.float32).reshape(1, 3, 3)
    assert shifted(x, np.array([[1, 0]]))[0].tolist() == [[0, 0, 0], [1, 2, 3], [4, 5, 6]]
    assert shifted(x, np.array([[0, 1]]))[0].tolist() == [[0, 1, 2], [0, 4, 5], [0, 7, 8]]
    assert shifted(x, np.array([[-1, -1]]))[0].tolist() == [[5, 6, 0], [8, 9, 0], [0, 0, 0]]
    both = shifted(np.concatenate([x, x]), np.array([[0, 0], [1, 0]]))
    assert (both[0] == x[0]).all()
    assert both[1, 0].tolist() == [0, 0, 0]
    assert both.dtype == np.float32
