"""The stories of the recorded runs, tried on curves that others printed and on planted mistakes."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest

from bnreport.analysis.curves.band import Band, Shelf, Story
from bnreport.analysis.curves.judging import Fitted, judge
from bnreport.analysis.curves.reading import PrintedRun, read
from bnreport.analysis.curves.scoring import accused, confusions, scores
from bnreport.analysis.curves.telling import tell
from bnreport.records.archive import Archive
from bnreport.records.collection import Records, by_trial
from bnreport.records.layout import Layout
from bnreport.studies.mistakes.runs import FRESH
from bnreport.studies.mistakes.stories import BANDED, band, held_out, printed
from bnreport.studies.notebook.published import PUBLISHED_BASELINE, PUBLISHED_BN
from bnreport.studies.notebook.textbook import CURVES
from tests import printouts
from tests.synthetic import ROOT


@cache
def records() -> Mapping[str, Records]:
    archive = Archive(Layout(ROOT), print)
    return {
        study: Records("full", by_trial(archive.records(study, "full")))
        for study in ("mistakes", "notebook")
    }


@cache
def ours() -> Band:
    return band(**records())


@cache
def held() -> Mapping[Story, Shelf]:
    return held_out(**records())


def said(curve: PrintedRun, net: str = "", rate: float | None = None) -> tuple[str, set[str]]:
    verdict: Fitted = judge(curve, ours(), net or curve.net, rate or curve.rate)
    return verdict.outcome, {s.name for s in (*verdict.fitting, *verdict.possible)}


# ---- The band ----


def test_every_story_has_its_runs_and_no_run_that_diverged() -> None:
    runs = {
        story.name: len(ours().window(story, ("loss",), 8, 10).seeds) for story in ours().stories
    }
    others = "continued 0.01,replayed 0.01,bar 0.01,softmax 0.01,sorted 0.01,fresh 0.001"
    expected = {f"{net} {other}": 20 for net in ("baseline", "bn") for other in others.split(",")}
    assert runs == {
        **expected,
        "baseline fresh 0.01": 60,
        "bn fresh 0.01": 60,
        "bn undivided 0.01": 20,
    }
    diverged = {story.name: counts for story, counts in ours().diverged.items() if counts[0]}
    assert diverged == {"baseline undivided 0.01": (20, 20)}
    assert all(np.isfinite(shelf.runs).all() for shelf in ours().shelves.values())


def test_what_is_held_out_is_in_no_story() -> None:
    sizes = {story.name: len(shelf.seeds) for story, shelf in held().items()}
    assert sizes == {"baseline fresh 0.01": 140, "bn fresh 0.01": 60}
    banded = ours().shelves["bn-fresh"].seeds
    for shelf in held().values():
        assert not {*banded} & {*shelf.seeds}
    assert {*banded} == {*BANDED} < {*FRESH}


def test_a_bar_differs_from_history_in_the_numbers_of_training_alone() -> None:
    run = records()["mistakes"].trial("bn-fresh")[0]
    bar, history = printed(run, bar=True), printed(run)
    assert (bar[:, 2:] == history[:, 2:]).all()
    assert bar[0, 1] < history[0, 1] - 0.02
    assert history[3, 0] == pytest.approx(run.history["loss"][3], abs=5.1e-5)
    assert (np.rint(history * 1e4) / 1e4 == history).all()


# ---- Which are told apart ----


@pytest.mark.parametrize("net", ["baseline", "bn"])
def test_of_stories_that_are_told_apart_nine_in_ten_are_not_confused(net: str) -> None:
    alike = {"baseline": [{"continued", "replayed"}], "bn": []}[net]
    for found in confusions(ours(), net, 8):
        assert found.n >= 10
        assert found.named[found.story] >= 0.9 * found.n
        for other, count in found.named.items():
            if other != found.story and {other.kind, found.story.kind} not in alike:
                assert count <= 0.1 * found.n, (found.story.name, other.name)
        if any(found.story.kind in pair for pair in alike):
            assert found.alone == 0


@pytest.mark.parametrize("epochs", [1, 3, 8, 10])
def test_of_healthy_logs_at_most_one_in_twenty_is_accused(epochs: int) -> None:
    found = accused(ours(), held(), epochs)
    assert sum(each.n for each in found) == 280
    assert sum(each.count for each in found) <= 280 / 20


# ---- Curves of others ----


def notebook() -> str:
    code = "Sequential([{}Dense(300)])\nmodel.compile(optimizer=SGD(lr=1e-3))\n"
    printed = [
        printouts.keras_2_lines(curve.tolist()).replace("/8\n", "/10\n")
        for curve in (PUBLISHED_BASELINE, PUBLISHED_BN)
    ]
    return "\n".join(
        (code.format(""), printed[0], code.format("BatchNormalization(), "), printed[1])
    )


def test_the_students_notebook() -> None:
    baseline, bn = read(notebook(), "notebook.txt")
    assert (baseline.net, bn.net, baseline.rate, bn.rate) == ("baseline", "bn", 0.001, 0.001)
    assert said(baseline) == ("stories", {"baseline fresh 0.01"})
    assert said(bn) == ("stories", {"bn replayed 0.01"})
    told = tell(bn, judge(bn, ours(), bn.net, bn.rate), ours(), bn.net, bn.rate)
    assert told.title == "It fits another story"
    assert "on the batches of the first" in told.sentence
    assert "no healthy run at a rate of 0.001 does" in told.sentence
    assert "Rebuild the net before each call of fit." in told.advice
    # Nobody who says neither net nor rate learns anything else of BN.
    bare = PrintedRun(bn.metrics, bn.epochs, planned=10)
    assert said(bare) == ("stories", {"bn replayed 0.01"})
    assert said(PrintedRun(bn.metrics, baseline.epochs)) == ("healthy", {"baseline fresh 0.01"})


@pytest.mark.parametrize("curve", CURVES, ids=lambda c: f"{c.date.year} {c.net}")
def test_the_textbooks_revisions(curve: object) -> None:
    net, year = curve.net, curve.date.year  # type: ignore[attr-defined]
    text = printouts.keras_2_lines(curve.epochs.tolist())  # type: ignore[attr-defined]
    (read_back,) = read(text, "textbook")
    outcome, names = said(read_back, net, 0.001)
    # The bar of 2021 has no story at this rate. Its validation is that of 2020, with BN a little
    # farther from ours than any of our runs.
    assert outcome == {(2021, "baseline"): "validation", (2021, "bn"): "none"}.get(
        (year, net), "healthy"
    )
    assert names == (set() if outcome == "none" else {f"{net} fresh 0.001"})


# ---- Planted mistakes ----

PLANTED = {
    "baseline-softmax": {"baseline softmax 0.01"},
    "baseline-sorted": {"baseline sorted 0.01"},
    "bn-softmax": {"bn softmax 0.01"},
    "bn-sorted": {"bn sorted 0.01"},
    "bn-undivided": {"bn undivided 0.01"},
    "baseline-replayed": {"baseline continued 0.01", "baseline replayed 0.01"},
    "bn-replayed": {"bn replayed 0.01"},
}


@pytest.mark.parametrize("form", ["keras_3_bar", "keras_2_bar", "table", "said"])
@pytest.mark.parametrize("trial", PLANTED)
def test_a_planted_mistake_is_found_in_whatever_form_it_comes(trial: str, form: str) -> None:
    found, net = [], trial.partition("-")[0]
    runs = [run for run in records()["mistakes"].trial(trial) if scores(run.identity.seed)]
    for run in runs:
        text = printouts.FORMS[form](printed(run)[:10].tolist())
        (curve,) = read(text, "log")
        verdict = judge(curve, ours(), net, without=run.identity.seed)
        names = {story.name for story in (*verdict.fitting, *verdict.possible)}
        found.append(verdict.outcome == "stories" and names == PLANTED[trial])
    assert sum(found) >= 0.9 * len(found)


def test_a_training_cell_that_ran_twice_is_a_healthy_run_and_one_that_goes_on() -> None:
    runs = [run for run in records()["notebook"].trial("bn-0.01") if scores(run.identity.seed)]
    pairs = []
    for run in runs:
        whole = printed(run).tolist()
        text = printouts.keras_3_lines(whole[:10]) + "\n" + printouts.keras_3_lines(whole[10:])
        pairs.append([said(curve) for curve in read(text, "log")])
    expected = [("healthy", {"bn fresh 0.01"}), ("stories", {"bn continued 0.01"})]
    assert sum(pair == expected for pair in pairs) >= 0.9 * len(pairs)


def test_a_loss_that_is_no_number_tells_of_pixels_in_the_net_without_bn_alone() -> None:
    text = "Epoch 1/10\n1719/1719 - 4s - loss: nan - accuracy: 0.1002 - val_loss: nan"
    (curve,) = read(text, "log")
    for net, words in (
        ("baseline", "a run without BN at a rate of 0.01 on pixels from 0 to 255: in 20 of 20"),
        ("bn", "in none of our runs with BN"),
    ):
        told = tell(curve, judge(curve, ours(), net), ours(), net)
        assert told.title == "Its loss is not a number"
        assert words in told.sentence
