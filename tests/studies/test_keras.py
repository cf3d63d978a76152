"""What the page says of Keras is what Keras does here, and the study is kept like any other."""

import re
from typing import Any

import numpy as np
import pytest

from bnreport.analysis.keras_facts import BACKENDS, NAMES
from bnreport.pages.data.runs import runs_csv
from bnreport.pages.sources import source_files
from bnreport.presentation.plots import Arm, Matrix, Tile
from bnreport.protocol.facts import COMPARED, FOLDED, LATE, MODES, STATES, TOLD
from bnreport.protocol.measurements import FactsTrial
from bnreport.records.agreement import compare
from bnreport.records.collection import Records
from bnreport.records.provenance import ROOT
from bnreport.records.record import Record
from bnreport.records.store import read
from bnreport.studies.keras import MEANING, STUDY, WORDS
from bnreport.training.facts import ask
from tests import fabricated, golden
from tests.synthetic import DOCS


def committed() -> dict[str, Record]:
    """The committed record of what is asked for, by trial."""
    records = read(ROOT / "results" / "keras.jsonl", print)
    wanted = {identity.run_id: identity.trial.name for identity in STUDY.identities("full")}
    return {name: records[run] for run, name in wanted.items()}


def trial(name: str) -> FactsTrial:
    (found,) = [runs.trial for runs in STUDY.runs if runs.trial.name == name]
    assert isinstance(found, FactsTrial)
    return found


def test_every_number_stands_in_a_table_with_what_it_means() -> None:
    rows = {
        f"{group}_{name}": words
        for group, table in WORDS["numbers"].items()
        for name, words in table["rows"].items()
    }
    # What is left of the initial value has a table of its own, by size of batches.
    assert rows.keys() == {name for name in NAMES["numbers"] if not name.startswith("left_")}
    assert all(meaning for _, meaning in rows.values())


def test_the_words_are_those_of_the_facts_that_are_found() -> None:
    named = {name: tuple(words) for name, words in WORDS.items() if name != "numbers"}
    assert named == {
        "states": STATES,
        "modes": MODES,
        "drawn": (*TOLD, *LATE),
        "reference": (*COMPARED, *FOLDED),
    }


def test_the_code_that_finds_the_facts_is_shown() -> None:
    files = {file.name for file in source_files(STUDY)}
    assert {
        "ask.py",
        "differences.py",
        "layer.py",
        "numbers.py",
        "switches.py",
        "reference.py",
        "facts.py",
        "keras.py",
        "keras.toml",
    } <= files
    assert all(file.exists() for file in source_files(STUDY))


def test_a_fact_is_exported_once_without_a_net_or_a_rate() -> None:
    record = next(iter(committed().values()))
    head, row = runs_csv([record]).splitlines()
    assert head.split(",")[3:5] == ["net", "learning_rate"]
    assert row.split(",")[3:5] == ["", ""]
    assert len(row.split(",")) == len(head.split(","))


def test_a_fact_may_differ_by_rounding_and_no_more() -> None:
    record = committed()["switches-tensorflow"]
    elsewhere = record.provenance.model_copy(update={"device": "another"})
    for off, agrees in ((0.5e-5, True), (1.5e-5, False)):
        facts = record.history | {"trainable_fit_moved": (1.0 - off,)}
        again = record.model_copy(update={"history": facts, "provenance": elsewhere})
        assert compare(again, record, [record]).agrees is agrees


def fitted(**facts: tuple[float, float]) -> dict[str, Tile | None]:
    """The tiles of a fit by row, where these facts are those of TensorFlow and of JAX."""
    records = fabricated.records(STUDY)
    of = {record.identity.trial.name: {100: record} for record in records.values()}
    for place, backend in enumerate(BACKENDS):
        record = of[f"switches-{backend}"][100]
        history = record.history | {fact: (both[place],) for fact, both in facts.items()}
        of[f"switches-{backend}"] = {100: record.model_copy(update={"history": history})}
    plot = STUDY.analyse(Records("full", of)).plots["uses"]
    assert isinstance(plot, Matrix)
    return {name: tiles[plot.columns.index("fit")] for name, tiles in plot.rows}


@pytest.mark.parametrize(
    ("refused", "moved", "learned", "text", "tone"),
    [
        ((0, 1), (1, 0), (1, 0), "✗ training or error", "raw"),
        ((0, 0), (0, 0), (0, 0), "inference", "neutral"),
        ((0, 0), (1, 1), (1, 1), "✗ training", "raw"),
        ((0, 0), (1, 1), (0, 0), "✗ neither training nor inference", "raw"),
    ],
)
def test_a_tile_says_what_a_late_frozen_layer_does_and_marks_what_nobody_asked_for(
    refused: tuple[float, float],
    moved: tuple[float, float],
    learned: tuple[float, float],
    text: str,
    tone: Arm,
) -> None:
    tiles = fitted(
        uncompiled_fit_refused=refused, uncompiled_fit_moved=moved, uncompiled_fit_learned=learned
    )
    assert tiles["Frozen after compile, not compiled again"] == Tile(text, tone)


def test_each_meaning_has_a_word_of_its_own_and_a_row_that_explains_it() -> None:
    (table,) = [
        table
        for name, table in golden.study_report("keras").analysis.tables.items()
        if name == "meanings"
    ]
    words = [row[0] for row in table.rows]
    assert len({*words}) == len(words) == len(MEANING) + 1
    plot = golden.study_report("keras").analysis.plots["uses"]
    assert isinstance(plot, Matrix)
    shown = {tile.text.removeprefix("✗ ") for _, tiles in plot.rows for tile in tiles if tile}
    assert {word for text in shown for word in text.split(" or ")} <= {*words}


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
# NumPy warns of how it reads the variables of Keras.
@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")
@pytest.mark.parametrize("part", ["switches", "reference"])
def test_keras_still_does_what_is_recorded(part: str) -> None:
    name = f"{part}-tensorflow"
    # One in a process of its own, as in runs; what it does with the other is the same.
    found = ask.found(trial(name), 100, 1) if part == "switches" else ask.find(part, 100)
    recorded = committed()[name].history
    assert found.keys() == recorded.keys()
    for fact, (value,) in recorded.items():
        assert found[fact] == pytest.approx(value, abs=1e-4), fact


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
def test_the_code_of_the_page_shows_the_trap_and_freezes_the_layers_for_good() -> None:
    import keras

    text = (DOCS / STUDY.page).read_text(encoding="utf-8")
    frozen, trap = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    norm = keras.layers.BatchNormalization()
    rng = np.random.default_rng(1)
    names: dict[str, Any] = {
        "keras": keras,
        "inputs": keras.Input((4,)),
        "base": keras.Sequential([keras.Input((4,)), norm]),
        "head": keras.layers.Dense(1),
        "x": rng.normal(3, 2, (64, 4)),
        "y": rng.normal(0, 1, (64, 1)),
    }
    before = norm.moving_mean.numpy()
    exec(trap, names)
    trapped = norm.moving_mean.numpy()
    assert not np.array_equal(trapped, before)
    exec(frozen, names)
    names["model"].fit(names["x"], names["y"], verbose=0)
    assert np.array_equal(norm.moving_mean.numpy(), trapped)


def test_the_matrix_marks_what_the_verdicts_deny() -> None:
    study = golden.study_report("keras")
    plot = study.analysis.plots["uses"]
    assert isinstance(plot, Matrix)
    fit = plot.columns.index("fit")
    marked = {name: tiles[fit] for name, tiles in plot.rows}
    denied = {
        "A frozen layer": "keras-frozen",
        "A layer in a frozen model": "keras-frozen",
        "A layer made trainable again in a frozen model": "keras-thawed",
        "base(x, training=False), functional": "keras-told",
        "layer(x, training=False) in a method": "keras-method",
        "Frozen after compile, not compiled again": "keras-compile",
    }
    for name, claim in denied.items():
        tile = marked[name]
        assert tile is not None
        assert (tile.tone == "raw") is (study.shown(claim).word == "not supported"), name
