"""One spoiled batch: which facts each claim counts, and what the tiles of the matrix say."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from bnreport.analysis.keras_facts import BACKENDS, NAMES
from bnreport.presentation.plots import Matrix
from bnreport.protocol.directions import Quantity, history
from bnreport.statistics.estimates import Exact
from bnreport.studies.second.keras import CLAIMS, SECOND, lasts
from tests.directed import Directed

MADE = Directed(SECOND)
# By hand, for the net with BN: what a skipped step leaves, and what dropping the batch whole does.
SPOILED = {"weights": 0.0, "later": 0.0, "answers": 1.0, "averages": 1.0, "same": 0.0}
SOUND = {"weights": 0.0, "later": 0.0, "answers": 0.0, "averages": 0.0, "same": 1 / 64}


def given(facts: Mapping[str, float], *backends: str) -> dict[tuple[str, Quantity], Any]:
    """These numbers, found on the backends."""
    return {
        (f"spoiled-{backend}", history(name)): [[[value]]]
        for backend in backends or BACKENDS
        for name, value in facts.items()
    }


def counted(claim: str, facts: Mapping[str, float]) -> Exact:
    """What a claim counts where both backends find these facts."""
    found = SECOND.estimates[f"keras-2-{claim}"](MADE.given(given(facts)))
    assert isinstance(found, Exact)
    return found


def of_net(way: str, net: str, facts: Mapping[str, float], spoils: str = "nan") -> dict[str, float]:
    """Facts of a net by their names."""
    return {f"{spoils}_{way}_{net}_{name}": value for name, value in facts.items()}


def test_a_skipped_step_keeps_the_weights_and_loses_the_averages() -> None:
    ways = of_net("scaled", "batch", SPOILED) | of_net("skipped", "batch", SPOILED)
    assert counted("averages", ways | {"stays_found": 1.0}) == Exact(0.0, 10)
    sound = of_net("scaled", "batch", SOUND) | of_net("skipped", "batch", SPOILED)
    # On both backends the answers and the averages of one way are sound.
    assert counted("averages", sound | {"stays_found": 1.0}) == Exact(4.0, 10)


@pytest.mark.parametrize("fact", ["weights", "later", "answers", "averages"])
def test_a_batch_that_is_dropped_whole_leaves_nothing_behind(fact: str) -> None:
    nets = ("none", "layer", "batch", "frozen")
    sound = {
        name: value
        for net in nets
        for name, value in of_net("dropped", net, SOUND).items()
        if name in NAMES["spoiled"]
    }
    assert counted("dropped", sound) == Exact(0.0, 28)
    assert counted("dropped", sound | {f"nan_dropped_batch_{fact}": 0.125}) == Exact(2.0, 28)


def test_one_image_spoils_its_batch_in_training_mode_under_bn_alone() -> None:
    nets = ("none", "layer", "batch", "frozen")
    one = {f"mates_{mode}_{net}": 1.0 for net in nets for mode in ("inference", "training")}
    assert counted("training", one) == Exact(2.0, 8)
    whole = one | {"mates_training_batch": 8.0}
    assert counted("training", whole) == Exact(0.0, 8)
    assert counted("inference", whole) == Exact(0.0, 8)


def test_one_answer_to_all_is_what_an_overflow_leaves_of_bn_alone() -> None:
    nets = ("none", "layer", "batch", "frozen")
    facts = {"lost": 0.0, "answers": 0.0, "same": 1 / 64}
    found = {
        name: value
        for way in ("plain", "scaled")
        for net in nets
        for name, value in of_net(way, net, facts, "overflow").items()
    }
    assert counted("overflow", found) == Exact(4.0, 48)
    same = {f"overflow_{way}_batch_same": 1.0 for way in ("plain", "scaled")}
    assert counted("overflow", found | same) == Exact(0.0, 48)


@pytest.mark.parametrize("pixel", [10, 100, 1_000, 10_000])
def test_a_large_pixel_lasts_as_long_as_the_average_moved_by_hand(pixel: float) -> None:
    batch = np.array([pixel, *[1.0] * 15, *[-1.0] * 16])
    variance, batches = 0.99 + 0.01 * batch.var(), 0
    while variance > 1.1:
        variance, batches = 0.99 * variance + 0.01, batches + 1
    assert lasts(pixel) == batches
    assert counted("lingers", {f"lingers_{p}": lasts(p) for p in (10, 100, 1_000, 10_000)}) == (
        Exact(0.0, 8)
    )


def test_the_matrix_tells_lost_weights_from_lost_averages_and_one_answer() -> None:
    everything = dict.fromkeys(NAMES["spoiled"], 0.5)
    lost = SPOILED | {"weights": 1.0}
    facts = (
        everything
        | of_net("plain", "batch", lost)
        | of_net("scaled", "batch", SPOILED)
        | of_net("dropped", "batch", SOUND)
        | of_net("plain", "batch", SOUND | {"weights": 0.9, "same": 1.0}, "overflow")
    )
    plot = SECOND.analyse(MADE.given(given(facts))).plots["fates"]
    assert isinstance(plot, Matrix)
    bn = plot.columns.index("BN")
    tiles = {words: tiles[bn] for words, tiles in plot.rows}
    said = {words: (tile.text, tile.tone) for words, tile in tiles.items() if tile is not None}
    assert said["NaN: fit, SGD"] == ("all NaN", "raw")
    assert said["NaN: fit, LossScaleOptimizer"] == ("averages NaN", "raw")
    assert said["NaN: a loop that drops the batch whole"] == ("unharmed", "neutral")
    assert said["1e30: fit, SGD"] == ("one answer", "raw")


def test_backends_that_part_are_both_told() -> None:
    facts = dict.fromkeys(NAMES["spoiled"], 0.5)
    one = given(facts | of_net("scaled", "batch", SOUND))
    other = given(of_net("scaled", "batch", SPOILED), "jax")
    plot = SECOND.analyse(MADE.given(one | other)).plots["fates"]
    assert isinstance(plot, Matrix)
    (tiles,) = (tiles for words, tiles in plot.rows if words == "NaN: fit, LossScaleOptimizer")
    tile = tiles[plot.columns.index("BN")]
    assert tile is not None
    assert tile.text == "unharmed or averages NaN"


def test_every_claim_says_that_it_had_been_tried() -> None:
    assert {judged.claim.known for judged in CLAIMS} == {"known from trying it out"}


def test_every_claim_counts_facts() -> None:
    for judged in CLAIMS:
        facts = judged.ahead
        assert isinstance(facts, Mapping)
        assert facts, judged.claim.id
        assert {*facts} <= {*NAMES["spoiled"]}
