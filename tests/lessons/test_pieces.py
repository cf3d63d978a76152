"""What pieces to touch are handed is the reference's, and Keras' own."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bnreport.errors import PageError
from bnreport.lessons.by_hand import BATCH, OUTLIER
from bnreport.lessons.chase import (
    DEVIATION,
    FRESH,
    IMAGES,
    MEAN,
    SIZE,
    Settings,
    normals,
    path,
    served,
)
from bnreport.lessons.inference import batches, left
from bnreport.lessons.pieces import DRIFTING, PIECES, STORED, at_inference, batch, normalized
from bnreport.reference import EPSILON
from tests.pages.test_view import rendered
from tests.phrases import clumsy

WITNESSES: Any = batch()["witnesses"]


@pytest.mark.parametrize("name", PIECES)
def test_a_piece_is_handed_plain_numbers_and_cases_to_repeat(name: str) -> None:
    handed = PIECES[name]()
    assert json.loads(json.dumps(handed, allow_nan=False)).keys() == handed.keys()
    witnesses: Any = handed["witnesses"]
    assert len(witnesses) > 4


def test_no_piece_is_handed_a_phrase_that_readers_stumble_over() -> None:
    handed = {"diagnoser": json.dumps(PIECES["diagnoser"](), ensure_ascii=False)}
    assert {name: found for name, text in handed.items() if (found := [*clumsy(text)])} == {}


def test_the_cases_hold_what_is_strange() -> None:
    batches = [case["x"] for case in WITNESSES]
    assert {1, 2, 4, 8} <= {*map(len, batches)}
    assert list(OUTLIER) in batches
    assert [len(set(x)) for x in batches].count(1) == 2
    assert [case["epsilon"] for case in WITNESSES].count(EPSILON) < len(WITNESSES)
    assert [case.get("stored") for case in WITNESSES].count(STORED) == 1


def test_by_hand() -> None:
    case: Any = normalized([1, 3], [1, 0], 2.0, 5.0, 0.0)
    assert case["normalized"] == [-1, 1]
    assert case["output"] == [3, 7]
    assert case["gradient"] == [0, 0]
    stored: Any = at_inference([10, 15], [1, -2], 2.0, 1.0, 0.0)
    assert (
        STORED
        == {"mean": np.mean(BATCH), "variance": np.var(BATCH)}
        == {"mean": 10, "variance": 25}
    )
    assert stored["normalized"] == [0, 1]
    assert stored["output"] == [1, 3]
    assert stored["gradient"] == [0.4, -0.8]


def test_draws_are_normal_and_of_their_seed() -> None:
    draws = normals(1, 100_000)
    assert draws.mean() == pytest.approx(0, abs=0.01)
    assert draws.std() == pytest.approx(1, abs=0.01)
    assert np.abs(draws).max() < 6
    assert np.mean(np.abs(draws) < 1) == pytest.approx(0.683, abs=0.005)
    assert np.corrcoef(draws[:-1], draws[1:])[0, 1] == pytest.approx(0, abs=0.01)
    assert (draws[:4] == normals(1, 4)).all()
    assert (draws[:4] != normals(2, 4)).all()


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(speed=0.01, falling=True, epochs=2),
        Settings(momentum=0.9, size=700, speed=0.03, anew=40),
    ],
    ids=lambda settings: f"batches of {settings.size}",
)
def test_what_an_average_misses_is_start_lag_and_chance(settings: Settings) -> None:
    points = path(settings)
    assert len(points) == settings.steps + 1
    for point in points:
        assert point.truth - point.mean == pytest.approx(
            point.start + point.lag + point.chance, abs=1e-12
        )


def test_the_start_weighs_what_the_lesson_says_and_the_lag_is_the_way_of_the_mean_age() -> None:
    assert path(Settings())[-1].start == pytest.approx(MEAN * left(batches(SIZE)))
    moving = path(Settings(speed=0.02, size=16))[-1]
    assert moving.truth == pytest.approx(MEAN + 0.02 * DEVIATION * batches(16))
    assert moving.lag == pytest.approx(0.02 * DEVIATION * 0.99 / (1 - 0.99))
    # A falling rate goes half of the way, and hardly any of it at the end.
    fallen = path(Settings(speed=0.02, size=16, falling=True))[-1]
    way = (fallen.truth - MEAN) / (moving.truth - MEAN)
    assert way == pytest.approx(0.5, abs=0.001)
    assert fallen.lag < moving.lag / 20


def test_an_epoch_of_the_drift_that_is_offered_reaches_what_longer_ones_do_not_pass() -> None:
    points = path(replace(DRIFTING, epochs=3))
    limit = DRIFTING.speed * DEVIATION * 0.99 / (1 - 0.99)
    for point in (points[DRIFTING.steps], points[-1]):
        assert point.lag == pytest.approx(limit, abs=1e-4)
    # Of the batches that the lesson itself takes, an epoch is too short.
    assert path(replace(DRIFTING, size=SIZE))[-1].lag < 0.7 * limit


def test_an_epoch_sees_every_image_once() -> None:
    # With no memory the last batch is the whole average: 55,000 images leave 216 of 512 for it.
    last = path(Settings(momentum=0.0))[-1]
    draws = normals(1, IMAGES)[-(IMAGES % SIZE) :]
    assert last.mean == last.batch == pytest.approx(MEAN + DEVIATION * draws.mean())
    assert last.variance == pytest.approx(DEVIATION**2 * draws.var())


def test_fresh_statistics_forget_the_start_and_the_lag() -> None:
    settings = Settings(speed=0.02, anew=108)
    point = path(settings)[-1]
    assert point.start == point.lag == 0
    assert point.mean == pytest.approx(point.truth + DEVIATION * normals(1, FRESH).mean())
    center, spread = served(point)
    assert abs(center) < 0.05
    assert spread == pytest.approx(1, abs=0.03)


@pytest.mark.train
@pytest.mark.parametrize("case", WITNESSES, ids=lambda case: f"{len(case['x'])} examples")
def test_keras_computes_the_same(case: Any) -> None:
    tf = pytest.importorskip("tensorflow")
    import keras

    layer = keras.layers.BatchNormalization(epsilon=case["epsilon"], dtype="float64")
    x = tf.constant(case["x"], "float64")[:, None]
    layer.build(x.shape)
    stored = case.get("stored", {"mean": 0.0, "variance": 1.0})
    layer.set_weights(
        [np.array([value]) for value in (case["gamma"], case["beta"], *stored.values())]
    )
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training="stored" not in case)
        loss = tf.reduce_sum(tf.constant(case["g"], "float64")[:, None] * y)
    assert y[:, 0].numpy() == pytest.approx(case["output"], abs=1e-9)
    assert tape.gradient(loss, x)[:, 0].numpy() == pytest.approx(case["gradient"], abs=1e-9)


HEAD = "---\ntitle: By hand\ndescription: It shifts.\n---\n"


def test_a_page_lays_a_piece_over_a_picture(tmp_path: Any) -> None:
    folder = tmp_path / "learn" / "pictures" / "choosing"
    folder.mkdir(parents=True)
    (folder / "one.svg").write_text('<?xml?>\n<svg class="picture"></svg>\n', encoding="utf-8")
    page = '[[ lesson("choosing").piece("batch", "one", "A <caption>.", view="steps") ]]'
    text = rendered(tmp_path, choosing=HEAD + page).files["learn/choosing.md"]
    head = (
        '<bn-batch data-piece="batch" data-view="steps">\n<svg data-search-exclude class="picture">'
    )
    assert head in text
    assert "<figcaption>A &lt;caption&gt;.</figcaption>" in text
    handed = text.partition('<script type="application/json">')[2].partition("</script>")[0]
    assert json.loads(handed) == json.loads(json.dumps(batch()))
    for wrong in (page.replace('"batch"', '"other"'), page.replace('"one"', '"two"')):
        with pytest.raises(PageError, match=r"docs/learn/choosing\.md"):
            rendered(tmp_path, choosing=HEAD + wrong)
