"""A change of images does what its numbers say, the same every time."""

import numpy as np
import pytest
from pydantic import ValidationError

from bnreport.protocol.changes import Change
from bnreport.training.changes import (
    changed,
    one_class_batches,
    sorted_by_class,
)

X = np.random.default_rng(0).random((200, 8, 6), np.float32)
NOISE, DIM = Change(kind="noise", amount=0.3), Change(kind="dim", amount=0.5)
INVERSION, BLUR = Change(kind="inversion"), Change(kind="blur", amount=1.0)


@pytest.mark.parametrize("change", [NOISE, DIM, INVERSION, BLUR])
def test_a_change_keeps_shape_and_type_and_leaves_the_images_as_they_were(change: Change) -> None:
    before = X.copy()
    found = changed(X, change, 1)
    assert (found.shape, found.dtype.name) == (X.shape, "float32")
    assert (before == X).all()
    assert (found == changed(X, change, 1)).all()
    assert (found != X).any()


def test_noise_has_mean_0_and_its_amount_as_standard_deviation() -> None:
    drawn = changed(X, NOISE, 1) - X
    assert drawn.mean() == pytest.approx(0, abs=0.01)
    assert drawn.std() == pytest.approx(0.3, rel=0.03)
    # No pixel knows of its neighbour or of the image that it is added to.
    assert np.corrcoef(drawn[:, :, 0].ravel(), drawn[:, :, 1].ravel())[0, 1] == pytest.approx(
        0, abs=0.1
    )
    assert (drawn != changed(X, NOISE, 2) - X).any()


def test_dimming_scales_mean_and_spread() -> None:
    found = changed(X, DIM, 1)
    assert found.mean() == pytest.approx(X.mean() / 2)
    assert found.std() == pytest.approx(X.std() / 2)


def test_an_inversion_undoes_itself_and_keeps_the_spread() -> None:
    found = changed(X, INVERSION, 1)
    assert changed(found, INVERSION, 1) == pytest.approx(X, abs=1e-6)
    assert found + X == pytest.approx(1)
    assert found.std() == pytest.approx(X.std(), rel=1e-5)


def test_blur_lowers_the_spread_keeps_a_blank_image_and_mixes_no_images() -> None:
    assert changed(X, BLUR, 1).std() < X.std() / 2
    blank = np.full((2, 8, 6), 0.25, np.float32)
    assert changed(blank, BLUR, 1) == pytest.approx(blank, abs=1e-6)
    pair = np.stack([np.zeros((8, 6), np.float32), X[0]])
    found = changed(pair, BLUR, 1)
    assert (found[0] == 0).all()
    assert found[1] == pytest.approx(changed(X[:1], BLUR, 1)[0])


def test_a_blurred_point_spreads_as_a_gaussian_of_so_many_pixels() -> None:
    point = np.zeros((1, 41, 41), np.float32)
    point[0, 20, 20] = 1
    found = changed(point, Change(kind="blur", amount=2.0), 1)[0]
    away = np.arange(41) - 20
    assert found.sum() == pytest.approx(1, abs=1e-3)
    assert (found.sum(axis=0) * away**2).sum() == pytest.approx(4, rel=0.02)
    assert (found.sum(axis=1) * away**2).sum() == pytest.approx(4, rel=0.02)


@pytest.mark.parametrize(
    ("kind", "amount"), [("noise", 0), ("dim", -1), ("inversion", 0.5), ("fog", 1)]
)
def test_a_change_that_makes_no_sense_is_refused(kind: str, amount: float) -> None:
    with pytest.raises(ValidationError):
        Change.model_validate({"kind": kind, "amount": amount})


LABELS = np.array([2, 0, 1, 0, 2, 2, 1, 0, 0, 1], np.int32)


def test_sorting_puts_class_after_class_and_keeps_the_order_in_each() -> None:
    assert sorted_by_class(LABELS).tolist() == [1, 3, 7, 8, 2, 6, 9, 0, 4, 5]


def test_every_batch_is_of_one_class_and_holds_no_image_twice() -> None:
    labels = np.random.default_rng(0).integers(0, 10, 400)
    found = one_class_batches(labels.astype(np.int32), 8, 1, 1)
    assert found.shape == (sum(n // 8 for n in np.bincount(labels)), 8)
    assert found.dtype == np.int32
    assert all(len(set(labels[batch])) == 1 for batch in found)
    assert len(set(found.ravel().tolist())) == found.size
    # The classes come in no order.
    assert (np.diff(labels[found[:, 0]]) < 0).any()
    assert (found == one_class_batches(labels.astype(np.int32), 8, 1, 1)).all()
    assert (found != one_class_batches(labels.astype(np.int32), 8, 1, 2)).any()
