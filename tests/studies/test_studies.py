"""Every study asks for runs that are its own and can be told apart."""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bnreport import studies
from bnreport.analysis.grids import Tuned
from bnreport.analysis.metrics import swiftness
from bnreport.analysis.soundness import mistakes
from bnreport.analysis.study import Study
from bnreport.errors import BnreportError
from bnreport.pages.sources import source_files
from bnreport.protocol.claims import Display
from bnreport.protocol.data import FASHION_MNIST_NAME
from bnreport.protocol.directions import Direction, check, more
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.records.collection import Records
from bnreport.records.record import Record
from bnreport.studies import all_editions, all_studies, chosen, files_of

STUDIES = all_studies()
each_study = pytest.mark.parametrize("study", all_editions().values(), ids=all_editions())

# The seeds at which the claims were found, and those at which settings were tuned.
PILOT = {*range(5), 7, 8, 11, 12, 13, 42, *range(500, 504)}
TUNING = {*TUNING_SEEDS}


def test_the_notebook_is_a_study() -> None:
    assert "notebook" in STUDIES
    assert all(name == study.name for name, study in STUDIES.items())


def test_studies_are_chosen_by_name_and_all_without_one() -> None:
    assert list(chosen(("performance",), STUDIES)) == ["performance"]
    assert list(chosen((), STUDIES)) == list(STUDIES)
    with pytest.raises(BnreportError, match=r"notebook.*Received: 'notebok'"):
        chosen(("notebok",), STUDIES)


@each_study
def test_no_two_runs_are_the_same_and_no_quick_run_is_a_full_one(study: Study) -> None:
    full = [identity.run_id for identity in study.identities("full")]
    quick = [identity.run_id for identity in study.identities("quick")]
    assert len({*full, *quick}) == len(full) + len(quick)
    assert full


@each_study
def test_each_profile_has_data_of_its_own(study: Study) -> None:
    full, quick = ({i.data for i in study.identities(p)} for p in ("full", "quick"))
    named = {
        getattr(identity.trial, "data", FASHION_MNIST_NAME) for identity in study.identities("full")
    }
    assert len(full) == len(named)
    assert not full & quick
    assert {i.profile for i in study.identities("full")} == {"full"}


@each_study
def test_trials_are_named_once_and_fit_for_a_file_name(study: Study) -> None:
    names = [runs.trial.name for runs in study.runs]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9.-]+", name) for name in [*names, study.name])
    assert set(study.check) <= set(names)


@each_study
def test_claims_are_judged_at_seeds_that_nobody_has_looked_at(study: Study) -> None:
    for runs in study.runs:
        assert not (PILOT | TUNING) & {*runs.full, *runs.quick}, runs.trial.name
        assert not {*runs.full} & {*runs.quick}, runs.trial.name
        assert {*runs.tuning} <= TUNING, runs.trial.name


@each_study
def test_every_claim_has_a_margin_that_needs_one(study: Study) -> None:
    assert all(claim.margin is not None for claim in study.claims if claim.kind != "fit")
    assert list(mistakes(study)) == []


SPEED = STUDIES["speed"]
FIRST = SPEED.claims[0]


def claims(**changes: Any) -> Study:
    """The study with its first claim changed."""
    return replace(SPEED, claims=(FIRST.model_copy(update=changes), *SPEED.claims[1:]))


def directed(direction: Direction) -> Study:
    """The study with another direction of its first claim."""
    return replace(SPEED, directions={**SPEED.directions, FIRST.id: direction})


def crowd() -> Study:
    many = tuple(FIRST.model_copy(update={"id": f"claim-{n}"}) for n in range(11))
    estimates = {claim.id: SPEED.estimates[FIRST.id] for claim in many}
    return replace(SPEED, claims=many, estimates=estimates, directions={})


@pytest.mark.parametrize(
    ("study", "named"),
    [
        (claims(id="another"), ["'another'", repr(FIRST.id)]),
        (claims(label=""), ["label", FIRST.id]),
        (claims(seeds="1-3"), ["'1-3'", "100-111"]),
        (replace(SPEED, chapter="Limits"), ["'Limits'", "Limits and costs"]),  # type: ignore[arg-type]
        (replace(SPEED, check=("fast",)), ["'fast'", "raw-best, bn-best"]),
        (replace(SPEED, runs=SPEED.runs * 2), ["a trial once", SPEED.runs[0].trial.name]),
        (replace(SPEED, claims=SPEED.claims * 2), ["a claim once", FIRST.id]),
        (replace(SPEED, display={"none": Display()}), ["display", "'none'"]),
        (
            directed(more("fast", "raw-same", check("val_accuracy"))),
            ["`ahead`", FIRST.id, "'fast'"],
        ),
        (crowd(), ["at most 10", "Received: 11"]),
    ],
)
def test_a_mistake_in_a_study_is_told_in_a_sentence(study: Study, named: list[str]) -> None:
    told = "\n".join(mistakes(study))
    assert all(name in told for name in named), told
    assert all(re.match(r"Expected .+ Received: .+\. [A-Z]", line) for line in told.split("\n"))


def test_a_claim_whose_seeds_are_told_in_words_is_left_alone() -> None:
    assert list(mistakes(claims(seeds="12 interleaved rounds in one process"))) == []


@pytest.fixture
def another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that is taken for a further study."""
    monkeypatch.setattr(studies, "__path__", [*studies.__path__, str(tmp_path)])
    studies._all.cache_clear()
    yield tmp_path / "another.py"
    studies._all.cache_clear()
    sys.modules.pop("bnreport.studies.another", None)


SOUND = """
from dataclasses import replace
from bnreport.studies.toy import STUDY
STUDY = replace(STUDY, name="another", page="studies/another.md"{})
"""


def test_a_study_shows_the_file_that_defines_it_whatever_analyses_it(another: Path) -> None:
    another.write_text(
        SOUND.format(', analyse=Study.analyse, code=("toy.py",)').replace(
            "import replace", "import replace\nfrom bnreport.analysis.study import Study"
        ),
        encoding="utf-8",
    )
    study = all_studies()["another"]
    assert [path.name for path in source_files(study)] == ["another.py", "toy.py"]
    assert files_of("another") == [another]
    assert [path.name for path in source_files(STUDIES["speed"])] == ["speed.py"]
    assert [path.name for path in files_of("keras")] == ["keras.py", "keras.toml"]
    files = [path.name for path in source_files(STUDIES["notebook"])]
    assert {"protocol.py", "textbook.toml"} <= set(files)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", r"to define STUDY\. Received: a module without it\. Write `STUDY = study\("),
        ("STUDIE = 1", r"to define STUDY\. Received: a module without it"),
        ("from bnreport import nothing", r"ImportError.*another\.py, line 1\. Fix it"),
        ("STUDY = 1", "to be a Study.*int"),
        ("STUDY = Studie()", r"NameError.*another\.py, line 1"),
        ("STUDY = (", r"SyntaxError: '\(' was never closed in another\.py, line 1\. Fix it"),
        # What another module refuses is told with the line that led there.
        (
            "from bnreport.protocol.nets import Net\n\nNet(hiden=1)",
            r"Net, hiden: Extra inputs are not permitted in another\.py, line 3\. Fix it",
        ),
        (
            "from bnreport.analysis.arms import usual\n\nusual('bm')",
            r"In another\.py, line 3: Expected names of usual.*bm\. Use some of: raw, std",
        ),
        (
            "from bnreport.protocol.rules import rule\nrule('diff')",
            r"In another\.py, line 2: Expected a kind of claim.*'diff'\. Use one of: difference",
        ),
        ("import nothing_of_this_name", r"ModuleNotFoundError.*another\.py, line 1"),
        (SOUND.format(', chapter="Limits"'), "chapter.*'Limits'"),
        (SOUND.format("").replace('"another"', '"toy"'), "a name of its own.*'toy'"),
        (SOUND.format("").replace("another.md", "toy.md"), r"a page of its own.*toy\.md"),
    ],
)
def test_a_module_that_defines_no_study_is_named(another: Path, text: str, named: str) -> None:
    another.write_text(text, encoding="utf-8")
    with pytest.raises(BnreportError, match=named):
        all_studies()


def test_a_trial_that_a_study_does_not_have_is_asked_for_in_vain() -> None:
    with pytest.raises(BnreportError, match=r"a trial of the study: slow\. Received: 'fast'"):
        Records("full", {"slow": {}}).trial("fast")


@each_study
def test_arms_are_paired_by_their_seeds(study: Study) -> None:
    for runs in study.runs:
        assert sorted(set(runs.full)) == list(runs.full), runs.trial.name
        for other in study.runs:
            common = set(runs.full) & set(other.full)
            fewest = min(len(runs.full), len(other.full))
            # Two trials share a seed only to be paired: then at every seed of the smaller one.
            assert len(common) in {0, fewest}, (runs.trial.name, other.trial.name)


@each_study
def test_a_net_is_scored_only_after_epochs_that_it_trains(study: Study) -> None:
    for runs in study.runs:
        if runs.trial.kind == "train":
            assert all(1 <= epoch <= runs.trial.epochs for epoch in runs.trial.score_epochs)


def test_the_notebook_is_measured_at_twelve_or_more_seeds_and_its_curves_at_twenty() -> None:
    seeds = {runs.trial.name: len(runs.full) for runs in STUDIES["notebook"].runs}
    assert all(n >= 12 for name, n in seeds.items() if name != "timing")
    for name in ("baseline-0.01", "baseline-0.001", "bn-0.01", "bn-0.01-replayed"):
        assert seeds[name] == 20
    assert {len(runs.quick) for runs in STUDIES["notebook"].runs} == {1, 3}


def test_the_replayed_run_differs_from_the_other_in_its_batches_alone() -> None:
    trials = {runs.trial.name: runs.trial for runs in STUDIES["notebook"].runs}
    fresh, replayed = trials["bn-0.01"], trials["bn-0.01-replayed"]
    assert fresh.kind == replayed.kind == "train"
    free = {"name", "replay_after", "score_epochs"}
    assert fresh.model_dump(exclude=free) == replayed.model_dump(exclude=free)
    assert (fresh.replay_after, replayed.replay_after, replayed.epochs) == (None, 10, 20)


@pytest.mark.parametrize("study", [study for study in STUDIES.values() if study.claims])
def test_the_digest_of_the_claims_follows_every_word_of_them(study: Study) -> None:
    first, *rest = study.claims
    changes: list[dict[str, Any]] = [
        {"margin": 99.0},
        {"rule": "Another rule."},
        {"amended": "Why."},
        {"id": "x"},
    ]
    digests = {
        replace(study, claims=(first.model_copy(update=change), *rest)).claims_digest
        for change in changes
    }
    assert len(digests | {study.claims_digest}) == len(changes) + 1
    assert replace(study, claims=tuple(rest)).claims_digest not in digests
    assert replace(study, title="Another title").claims_digest == study.claims_digest


def test_the_records_of_a_trial_come_by_rising_seed(make_record: Callable[..., Record]) -> None:
    of = {"slow": {seed: make_record(seed) for seed in (3, 1, 2)}}
    found = Records("quick", of).trial("slow")
    assert [record.identity.seed for record in found] == [1, 2, 3]


def _judges_arrival_at_tuned_rates(study: Study, tuned: Tuned) -> bool:
    """Whether a claim asks who arrives first of arms that train at the rates that were tuned."""
    judged = {runs.trial.name: runs.trial for runs in study.runs if runs.full}

    def off(trial: str) -> bool:
        """Whether a trial of an arm has another rate than was tuned for it."""
        arms = [arm for arm in tuned.rates if f"{trial}-".startswith(f"{arm.name}-")]
        # Of "std" and "std-bn" the longer one; a trial that is timed is of no arm.
        rates = [tuned.rates[arm] for arm in sorted(arms, key=lambda arm: arm.name)[-1:]]
        return rates not in ([], [getattr(judged[trial], "learning_rate", 0)])

    return any(
        not any(off(reading.trial) for reading in direction.readings)
        for given in study.directions.values()
        for direction in ([given] if isinstance(given, Direction) else given.values())
        if direction.measure == "arrival"
    )


def test_who_is_judged_by_arrival_at_tuned_rates_is_tuned_by_arrival() -> None:
    """Of two rates the one that ends best need not be the one that starts best."""
    found: dict[str, bool] = {}
    for name, study in all_editions().items():
        tuned = getattr(study.check_tuning, "__self__", None)
        if isinstance(tuned, Tuned) and _judges_arrival_at_tuned_rates(study, tuned):
            chosen_by = getattr(tuned, "score", None)
            found[name] = isinstance(chosen_by, partial) and chosen_by.func is swiftness
    # Two editions were tuned by final accuracy: their claims are frozen, and the errata say so.
    assert found == {"cost.2": True, "speed": False, "speed.2": False, "speed.3": True}
