"""One example among neighbors: the draws, the net that knows the classes, and what BN leaves."""

import re
from typing import Any

import numpy as np
import pytest

from bnreport.lessons import analysis_of
from bnreport.lessons.chase import uniforms
from bnreport.lessons.pieces import LOOKED_AT
from bnreport.lessons.room import (
    BATCHES,
    CENTRES,
    CLASSES,
    FIXED,
    ROOMS,
    SIZES,
    SPREAD,
    Room,
    batch,
    checked,
    counted,
    drawing,
    look,
    net,
    percent,
    regions,
    repeated,
    right,
    share_right,
    shares,
)
from bnreport.reference import EPSILON

MANY = 20_000
RNG = np.random.default_rng(4)
NAMED = RNG.integers(len(CLASSES), size=MANY)
MIXED = CENTRES[NAMED] + SPREAD * RNG.normal(size=(MANY, 2))


def stored(x: np.ndarray) -> np.ndarray:
    layer = net().layer
    return (x - layer.mean) / np.sqrt(layer.variance + EPSILON)


def test_stored_averages_are_those_of_many_mixed_examples() -> None:
    assert net().layer.mean == pytest.approx(MIXED.mean(axis=0), abs=0.1)
    assert net().layer.variance == pytest.approx(MIXED.var(axis=0), rel=0.02)


def test_no_other_dense_layer_fits_mixed_examples_better() -> None:
    # There the gradient of the cross-entropy by weights and biases is zero but for chance.
    places = stored(MIXED)
    wrong = shares(places) - np.eye(len(CLASSES))[NAMED]
    gradient = [*(wrong.T @ places / MANY).ravel(), *wrong.mean(axis=0)]
    assert np.abs(gradient).max() < 0.005
    # And it is the posterior of Bayes: densities of the three clouds, compared.
    squares = ((MIXED[:50, None] - CENTRES) ** 2).sum(axis=2)
    densities = np.exp(-squares / (2 * SPREAD**2))
    expected = densities / densities.sum(axis=1, keepdims=True)
    assert shares(places[:50]) == pytest.approx(expected, abs=1e-12)


def test_a_batch_by_hand() -> None:
    x, classes = batch(Room(size=2, seed=3))
    u, v, w = uniforms(3, 3)
    assert classes.tolist() == [0, int(3 * u)]
    length, angle = np.sqrt(-2 * np.log(1 - v)), 2 * np.pi * w
    drawn = CENTRES[classes[1]] + SPREAD * length * np.array([np.cos(angle), np.sin(angle)])
    assert x == pytest.approx(np.array([FIXED, drawn]))


@pytest.mark.parametrize("room", ROOMS)
def test_whoever_is_there_the_example_stays_and_a_larger_batch_has_the_smaller(room: str) -> None:
    whole, named = batch(Room(room, SIZES[-1], 5))
    assert whole.shape == (SIZES[-1], 2)
    assert whole[0].tolist() == FIXED.tolist()
    for size in SIZES:
        x, classes = batch(Room(room, size, 5))
        assert (x == whole[:size]).all()
        assert (classes == named[:size]).all()
    expected = {"own": {0}, "other": {0, 2}, "copies": {0}, "anyone": {0, 1, 2}}
    assert {*named.tolist()} == expected[room]
    assert (len({*map(tuple, whole)}) == 1) == (room == "copies")
    assert room == "copies" or (whole != batch(Room(room, SIZES[-1], 6))[0]).any()


def test_neighbors_are_of_their_class_and_of_all_classes_alike() -> None:
    batches = [batch(Room("anyone", SIZES[-1], seed)) for seed in range(1, BATCHES + 1)]
    x = np.concatenate([examples[1:] for examples, _ in batches])
    named = np.concatenate([classes[1:] for _, classes in batches])
    assert np.bincount(named) / len(named) == pytest.approx([1 / 3] * 3, abs=0.03)
    for which, centre in enumerate(CENTRES):
        cloud = x[named == which]
        assert cloud.mean(axis=0) == pytest.approx(centre, abs=0.2)
        assert cloud.std(axis=0) == pytest.approx([SPREAD] * 2, abs=0.15)


def test_alone_or_among_copies_any_example_lands_at_zero_and_two_at_corners() -> None:
    for settings in (Room(size=1), Room("copies", 32)):
        seen = look(settings)
        assert np.abs(seen.places).max() == 0
        assert CLASSES[seen.called[0]] == "B"
    pairs = np.abs(repeated("anyone", 2)[0])
    assert pairs.max() < 1
    assert (pairs > 0.95).mean() > 0.9


def test_stored_averages_do_not_ask_who_is_there() -> None:
    places, counts = repeated("own", 32, stored=True)
    assert (places == places[0]).all()
    assert places[0] == pytest.approx(stored(FIXED))
    assert counts == (BATCHES, 0, 0)
    for settings in LOOKED_AT:
        kept = look(Room(settings.company, settings.size, settings.seed, stored=True))
        assert kept.places[0] == pytest.approx(stored(FIXED))
        assert kept.places == pytest.approx(stored(batch(settings)[0]))


def test_the_more_neighbors_the_surer_and_of_one_class_the_worse() -> None:
    often = [repeated("anyone", size)[1][0] for size in SIZES]
    assert often == sorted(often)
    assert (often[0], often[-1]) == (0, BATCHES)
    assert repeated("own", 32)[1][0] == 0
    assert repeated("other", 32)[1][0] == BATCHES
    assert share_right("own") < 0.4
    assert share_right("anyone") > 0.9
    assert right(Room(size=1)) == 0


def test_what_the_page_says_of_the_middle_holds() -> None:
    assert (counted()["own.called"], counted()["copies.called"]) == ("B", "B")
    # The middle of the class lies where the net expects Bs.
    seen = [look(Room("own", 32, seed)) for seed in range(1, BATCHES + 1)]
    middle = np.mean([one.places for one in seen], axis=(0, 1))
    assert np.abs(middle).max() < 1e-12
    assert shares(middle[None])[0].argmax() == 1
    often = counted()["own.often"]
    assert int(often) == sum(one.called[0] == 1 for one in seen)
    two = [look(Room("anyone", 2, seed)).called[0] for seed in range(1, BATCHES + 1)]
    assert [counted()[f"two.{name}"] for name in CLASSES] == [str(two.count(i)) for i in range(3)]
    # What does not land at a corner lies on the line between two.
    pairs = np.abs(repeated("anyone", 2)[0])
    beside = (pairs < 0.9).any(axis=1)
    assert int(counted()["two.beside"]) == beside.sum() < 0.1 * BATCHES
    assert (pairs[beside].max(axis=1) > 0.99).all()
    assert 0 < int(counted()["two.between"]) == (pairs < 0.5).any(axis=1).sum()
    assert {f"room.{name}" for name in counted()} <= analysis_of("small-batches").values.keys()


def test_a_share_that_is_not_whole_is_not_said_to_be() -> None:
    assert [percent(share) for share in (0, 0.5, 0.93, 0.9951, 1)] == [
        "0%",
        "50%",
        "93%",
        ">99%",
        "100%",
    ]


@pytest.mark.parametrize("far", [3.4, 6.0])
def test_a_region_is_where_the_net_names_its_class(far: float) -> None:
    def inside(corners: np.ndarray, point: np.ndarray) -> bool:
        ahead = np.roll(corners, -1, axis=0) - corners
        to = point - corners
        return bool((ahead[:, 0] * to[:, 1] - ahead[:, 1] * to[:, 0] > 0).all())

    polygons = regions(far)
    points = RNG.uniform(-far, far, (300, 2))
    for point, which in zip(points, shares(points).argmax(axis=1), strict=True):
        assert [inside(corners, point) for corners in polygons].index(True) == which
    for point in far * np.array([[1.01, 0], [0, -1.01]]):
        assert not any(inside(corners, point) for corners in polygons)


def test_the_picture_shows_the_batch() -> None:
    drawn: Any = drawing()
    settings = Room()
    assert drawn["called"] == "B" == CLASSES[look(settings).called[0]]
    assert [len(marks) for marks in drawn["marks"]] == 2 * [settings.size - 1]
    # A unit is as wide as the side of the panel by its reach: 154 by 6.8.
    x, y = look(settings).places[0]
    assert drawn["fixed"][1] == pytest.approx([249 + x * 154 / 6.8, 119 - y * 154 / 6.8])
    assert drawn["fixed"][0] == pytest.approx([2 + 6 * 7, 196 - 8.5 * 7])
    assert drawn["boxes"]["result"] == "M226.4 141.6 271.6 141.6 271.6 96.4 226.4 96.4Z"
    # The third power of a dot says how many batches it stands for.
    sizes = np.array([float(far) for far in re.findall(r"M[\d. ]+a([\d.]+)", drawn["cloud"])])
    assert np.sum(np.rint((sizes / 1.3) ** 3)) == BATCHES
    labels = [label for *_, label in drawn["bars"] if label]
    assert labels == ["B 93%", "A 91 times", "A >99%"]


def test_what_lies_farther_out_is_shown_on_a_wider_plane() -> None:
    narrow: Any = drawing(Room("own", 32))
    wide: Any = drawing(Room("other", 32))
    assert narrow["boxes"]["result"] == drawing()["boxes"]["result"]  # type: ignore[index]
    assert wide["boxes"]["result"] != narrow["boxes"]["result"]


def test_a_box_shows_the_deviation_that_came_out() -> None:
    for settings in (Room(size=1), Room("copies", 8)):
        alone: Any = drawing(settings)
        assert alone["boxes"]["result"] == "M249.0 119.0 249.0 119.0 249.0 119.0 249.0 119.0Z"
    near = min(range(1, BATCHES + 1), key=lambda at: np.abs(repeated("anyone", 2)[0][at - 1]).min())
    settings = Room("anyone", 2, near)
    pair: Any = drawing(settings)
    corners = [float(text) for text in pair["boxes"]["result"].strip("MZ").split()]
    half = np.ptp(np.reshape(corners, (4, 2)), axis=0) / 2 * 6.8 / 154
    spread = look(settings).places.std(axis=0)
    assert half == pytest.approx(spread, abs=0.005)
    assert spread.min() < 0.5


def test_cases_are_of_every_room_and_have_all_numbers() -> None:
    assert {settings.company for settings in LOOKED_AT} == ROOMS.keys()
    assert {settings.stored for settings in LOOKED_AT} == {True, False}
    for settings in LOOKED_AT:
        numbers = checked(settings)
        assert len(numbers) == 4 + 5 * settings.size + 3 + 1
        assert numbers[-1] == right(settings)
        assert sum(numbers[-4:-1]) == BATCHES


@pytest.mark.train
def test_keras_sees_the_same_and_trains_to_the_same_answers() -> None:
    tf = pytest.importorskip("tensorflow")
    import keras

    keras.utils.set_random_seed(1)
    layer = keras.layers.BatchNormalization(dtype="float64")
    layer.build((None, 2))
    for settings in LOOKED_AT:
        x, seen = batch(settings)[0], look(settings)
        layer.set_weights([np.ones(2), np.zeros(2), net().layer.mean, net().layer.variance])
        places = layer(tf.constant(x), training=not settings.stored)
        assert places.numpy() == pytest.approx(seen.places, abs=1e-9)
    # Trained in large mixed batches, BN and a dense layer come to say what ours says.
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.BatchNormalization(momentum=0.9, scale=False, center=False),
            keras.layers.Dense(len(CLASSES), "softmax"),
        ]
    )
    model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    model.fit(MIXED, NAMED, batch_size=500, epochs=40, verbose=0)
    answers = model.predict(MIXED[:2000], verbose=0)
    ours = shares(stored(MIXED[:2000]))
    assert np.abs(answers - ours).mean() < 0.02
    assert (answers.argmax(axis=1) == ours.argmax(axis=1)).mean() > 0.98
    # In a batch of its own class the same trained net misnames the example as ours does.
    alike = batch(Room("own", 32, 9))[0].astype(np.float32)
    trained = model(alike, training=True).numpy()
    assert trained.argmax(axis=1)[0] == look(Room("own", 32, 9)).called[0] == 1
