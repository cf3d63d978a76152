"""The pools of five layers are those of the reference, of NumPy and of Keras."""

import re
from itertools import product
from typing import Any

import numpy as np
import pytest

from bnreport.errors import BnreportError
from bnreport.lessons import analysis_of
from bnreport.lessons.pieces import SHARED
from bnreport.lessons.pools import (
    AXES,
    CHANNELS,
    COLUMNS,
    GROUPS,
    IMAGES,
    LAYERS,
    LAYOUTS,
    ROWS,
    SIZES,
    Chosen,
    checked,
    drawing,
    numbers,
    pool,
    pools,
    refused,
    roles,
)
from bnreport.reference import forward

ALL = [
    Chosen(layer, layout, axis, groups, at)
    for layer, layout, axis, groups in product(LAYERS, LAYOUTS, AXES, GROUPS)
    for at in ((0, 0, 0, 0), (1, 3, 2, 1))
]
HELD = [chosen for chosen in ALL if not refused(chosen)]


def laid_out(x: np.ndarray, layout: str) -> np.ndarray:
    """The array with its axes where the layout has them."""
    return x.transpose([[*SIZES].index(name) for name in LAYOUTS[layout]])


def found_at(chosen: Chosen) -> tuple[int, ...]:
    """The place of the number in the array as it is laid out."""
    return tuple(chosen.at[[*SIZES].index(name)] for name in LAYOUTS[chosen.layout])


def test_the_array_is_seen_whole() -> None:
    x = numbers()
    assert x.shape == (IMAGES, CHANNELS, ROWS, COLUMNS) == tuple(SIZES.values())
    assert (x == x.astype(int)).all()
    assert 0 <= x.min() <= x.max() < 100
    # Channels, images and columns differ, so that another pool has another mean.
    for axes in ((0, 2, 3), (1, 2, 3), (0, 1, 2)):
        assert np.ptp(x.mean(axis=axes)) > 1


def test_every_number_is_in_one_pool_and_all_pools_are_of_one_size() -> None:
    for chosen in HELD:
        which = pools(chosen)
        counts = np.bincount(which.ravel())
        assert len(counts) == pool(chosen).pools
        assert {*counts.tolist()} == {pool(chosen).size}
        assert (pool(chosen).lit == (which == which[chosen.at])).all()
        assert pool(chosen).lit[chosen.at]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("axis", ["-1", "1", "2"])
def test_batch_normalization_is_that_of_the_reference(layout: str, axis: str) -> None:
    x = laid_out(numbers(), layout)
    ones = np.ones(x.shape[int(axis)])
    expected = forward(x, ones, 0 * ones, axis=int(axis)).output
    for at in ((0, 0, 0, 0), (1, 5, 1, 0)):
        chosen = Chosen("BatchNorm", layout, axis, at=at)
        assert pool(chosen).result == pytest.approx(expected[found_at(chosen)])


def test_groups_lead_from_one_channel_to_the_whole_image() -> None:
    sizes = {groups: pool(Chosen("GroupNorm", groups=groups)).size for groups in GROUPS}
    pixels = ROWS * COLUMNS
    assert sizes == {groups: CHANNELS // groups * pixels for groups in GROUPS}
    one = pool(Chosen("GroupNorm", groups=1))
    image = pool(Chosen("LayerNorm", axis="all"))
    assert (one.lit == image.lit).all()
    assert one.result == image.result
    x = numbers()
    instance = pool(Chosen("GroupNorm", groups=CHANNELS, at=(1, 2, 0, 0)))
    assert instance.mean == x[1, 2].mean()
    named = pool(Chosen("InstanceNorm", at=(1, 2, 0, 0)))
    assert (named.lit == instance.lit).all()
    assert (named.pools, named.result) == (instance.pools, instance.result)
    half = pool(Chosen("GroupNorm", groups=2, at=(0, 4, 0, 0)))
    assert half.mean == x[0, 3:].mean()


def test_the_axis_is_a_place_and_no_name() -> None:
    x = numbers()
    right, wrong = Chosen(), Chosen(layout="channels_first")
    assert pool(right).mean == x[:, 0].mean()
    assert pool(wrong).mean == x[..., 0].mean()
    assert roles(right) == ("averaged", "averaged", "averaged", "kept")
    assert roles(Chosen("LayerNorm")) == ("kept", "kept", "kept", "averaged")
    assert roles(Chosen("GroupNorm", axis="2")) == ("kept", "averaged", "cut", "averaged")
    assert pool(Chosen("BatchNorm", "channels_first", "1")).mean == pool(right).mean
    values = {name: value.text for name, value in analysis_of("axes").values.items()}
    assert (values["share.trap.pools"], values["share.trap.size"]) == ("2", "36")
    assert (values["share.batch.pools"], values["share.batch.size"]) == ("6", "12")
    assert [values[f"share.{name}"] for name in ("instance", "image", "pixel")] == ["6", "36", "6"]


def test_a_root_mean_square_leaves_the_mean() -> None:
    image = pool(Chosen("RMSNorm", axis="all", at=(1, 0, 0, 0)))
    x = numbers()[1]
    assert image.mean == 0
    assert image.result == pytest.approx(x[0, 0, 0] / np.sqrt((x**2).mean()))


def test_what_keras_refuses_has_no_pool() -> None:
    chosen = Chosen("GroupNorm", "channels_first")
    assert refused(chosen)
    assert checked(chosen) == []
    with pytest.raises(BnreportError, match="groups that divide them"):
        pool(chosen)


def test_cases_are_of_every_layer_and_axis_with_all_numbers() -> None:
    assert {(c.layer, c.layout) for c in SHARED} == {*product(LAYERS, LAYOUTS)}
    assert {c.groups for c in SHARED if c.layer == "GroupNorm"} == {*GROUPS}
    assert any(refused(chosen) for chosen in SHARED)
    for chosen in SHARED:
        if not refused(chosen):
            found = checked(chosen)
            assert len(found) == 5 + found[1]
            assert pool(chosen).lit.ravel()[np.array(found[5:], int)].all()


def test_the_picture_shows_every_number_and_lights_the_pool() -> None:
    drawn: Any = drawing()
    assert [cell[2] for cell in drawn["cells"]] == [f"{x:g}" for x in numbers().ravel()]
    assert [cell[3] for cell in drawn["cells"]] == pool(Chosen()).lit.ravel().tolist()
    assert len({cell[:2] for cell in drawn["cells"]}) == numbers().size
    assert drawn["axes"][-1][1:] == ("3 = -1", "channels, 6", "kept")
    # The number of an axis is its place in the shape.
    found = [re.findall(r"-?\d", axis[1]) for axis in drawn["axes"]]
    assert found == [["0"], ["1"], ["2"], ["3", "-1"]]
    share = pool(Chosen())
    assert drawn["sum"] == f"(46 − {share.mean:.2f}) / {share.scale:.2f} = {share.result:.2f}"


@pytest.mark.train
@pytest.mark.parametrize("layer", LAYERS)
def test_keras_does_the_same_and_refuses_the_same(layer: str) -> None:
    tf = pytest.importorskip("tensorflow")
    from keras import layers

    stops = (ValueError, TypeError, tf.errors.InvalidArgumentError)

    asked = 0
    for chosen in (chosen for chosen in ALL if chosen.layer == layer and chosen.at[0]):
        axis = (1, 2, 3) if chosen.axis == "all" else int(chosen.axis)
        if layer in ("GroupNorm", "InstanceNorm") and chosen.axis == "all":
            continue
        x = laid_out(numbers(), chosen.layout)
        # As many groups as channels are InstanceNorm.
        groups = {"GroupNorm": {"groups": chosen.groups}, "InstanceNorm": {"groups": -1}}
        named = "GroupNorm" if layer in groups else layer
        kind = getattr(layers, f"{named}alization")
        if refused(chosen):
            with pytest.raises(stops):
                kind(axis=axis, dtype="float64", **groups.get(layer, {}))(x)
            continue
        made = kind(axis=axis, dtype="float64", **groups.get(layer, {}))
        training = {"training": True} if layer == "BatchNorm" else {}
        output = np.asarray(made(x, **training))
        assert output[found_at(chosen)] == pytest.approx(pool(chosen).result, abs=1e-6)
        asked += 1
    assert asked > 3
