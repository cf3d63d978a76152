"""Records made up by a seed, not trained: a story that tests can turn around at will.

`Story` says which claims of the study "notebook" the runs will support; `records` makes them.
"""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import nbformat
import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.report import Report, StudyReport, report_study
from bnreport.analysis.study import Study
from bnreport.analysis.verdicts import Verdict, margin_of
from bnreport.pages.render import render
from bnreport.pages.staging import Staging
from bnreport.pages.supplies import Supplies
from bnreport.protocol.claims import Word
from bnreport.protocol.datasets import Profile
from bnreport.protocol.measurements import BenchTrial, TimingTrial
from bnreport.protocol.trials import AnyTrial, Identity, Trial
from bnreport.randomness import generator
from bnreport.records import checksums
from bnreport.records.agreement import Verified
from bnreport.records.code import executed
from bnreport.records.code.ancestry import Ancestry
from bnreport.records.layout import Layout
from bnreport.records.notebook import Execution, source_digest
from bnreport.records.record import Provenance, Record, ScoreRecord, packed
from bnreport.records.store import read
from bnreport.running.notebook import sealed
from bnreport.running.verification import comparisons, sample, write_verified
from bnreport.statistics.intervals import Interval
from bnreport.studies import all_studies
from bnreport.studies.notebook.published import (
    FIT_EPOCHS,
    METRICS,
    PRINTED_EPOCHS,
    PUBLISHED_BASELINE,
    PUBLISHED_BN,
)
from tests.shared import HALF_WRITTEN, kept

Floats = NDArray[np.float64]

# Its functions have no types.
NBFORMAT: Any = nbformat
ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NOTEBOOK = all_studies()["notebook"]
PERFORMANCE = all_studies()["performance"]
# Seconds that are made up for each measure of the benchmark; BN takes half as long again.
MEASURED = {
    "fit": 4.0,
    "fast-fit": 2.5,
    "engine-one": 0.72,
    "engine-all": 0.36,
    "products": 0.6,
    "best-products": 0.55,
    "gather": 0.64,
    "update": 0.66,
    "train": 0.68,
    "scored": 0.9,
    "cores": 0.4,
    "imports": 4.0,
    "data": 5.0,
    "compiled": 7.0,
    "epoch": 8.0,
    "compile-first": 2.0,
    "compile-second": 0.1,
    "command": 9.0,
    "jax-cores": 0.4,
    "jax-lanes-2": 0.7,
    "jax-lanes-4": 0.6,
}
# One run scatters by so much in each printed metric.
SPREAD = np.array([0.004, 0.002, 0.012, 0.005])
IMAGES: Mapping[Profile, tuple[int, int]] = {"full": (5000, 10000), "quick": (300, 297)}


@dataclass(frozen=True)
class Story:
    """What the runs will say.

    The printed curves are made one more draw of the named kinds of run, and lie far from the
    others; with `odd_validation` one validation accuracy of the baseline lies far from every run.
    `gain` is BN minus baseline in pp, `lowest` the first-epoch loss at the best rate of the sweep,
    and the slowdowns are in per cent.
    """

    rates: tuple[str, ...] = ("0.01",)
    odd_validation: bool = False
    kinds: tuple[Literal["fresh", "new", "replayed"], ...] = ("replayed",)
    lowest: float = 0.45
    gain: float = 2.0
    fit_slowdown: float = 45.0
    compiled_slowdown: float = 40.0


TRUE = Story()
# What holds in TRUE fails here and the other way round, but for the two gains of part c.
TURNED = Story(
    rates=("0.001",),
    kinds=("fresh", "new"),
    gain=9.0,
    fit_slowdown=5.0,
    compiled_slowdown=-5.0,
)
# No net is ahead.
EQUAL = Story(gain=0.0)


@lru_cache(maxsize=1)
def code() -> Ancestry:
    """The code as it is, without any that was before it."""
    return Ancestry(executed.today())


def made(study: Study = NOTEBOOK, trial: AnyTrial | None = None, **changes: Any) -> Provenance:
    """The provenance of a made-up run: by the code and under the claims that stand."""
    fields: dict[str, Any] = {
        "code": executed.run_digest(code().today, trial or study.runs[0].trial),
        "claims": study.claims_digest,
        "commit": "0123456789abcdef",
        "dirty": False,
        "versions": {"keras": "3.0.0", "python": "3.13.0"},
        "backend": "tensorflow",
        "device": "a made-up processor",
        "threads": 1,
        "precision": "float32",
        "seconds": 1.5,
    }
    return Provenance.model_validate(fields | changes)


def records(story: Story = TRUE, profile: Profile = "full", **changes: Any) -> dict[str, Record]:
    """A record of every run of the study by run id; keywords replace fields of the provenance."""
    return _with_provenance(_records(story, profile), changes)


@lru_cache(maxsize=8)
def _records(story: Story, profile: Profile) -> dict[str, Record]:
    by_kind = {run.trial.kind: made(trial=run.trial) for run in NOTEBOOK.runs}
    return {
        identity.run_id: _record(identity, story, by_kind[identity.trial.kind])
        for identity in NOTEBOOK.identities(profile)
    }


def stored(story: Story = TRUE, profile: Profile = "full", **changes: Any) -> dict[str, Record]:
    """`records` as a file may hold them: their last validation accuracies are those of the marks.

    What the made-up runs say of validation is told twice, once for each claim that asks.
    """
    return _with_provenance(_stored(story, profile), changes)


@lru_cache(maxsize=8)
def _stored(story: Story, profile: Profile) -> dict[str, Record]:
    found = {}
    for run, record in _records(story, profile).items():
        accuracies = list(record.history.get("val_accuracy", ()))
        for score in record.scores:
            accuracies[score.epoch - 1] = float(score.marks("val").mean())
        history = {**record.history, **({"val_accuracy": tuple(accuracies)} if accuracies else {})}
        found[run] = record.model_copy(update={"history": history})
    return found


def _with_provenance(found: Mapping[str, Record], changes: Mapping[str, Any]) -> dict[str, Record]:
    """The records, under another provenance where something of it changes."""
    if not changes:
        return {**found}
    by_kind = {run.trial.kind: made(trial=run.trial, **changes) for run in NOTEBOOK.runs}
    return {
        run: record.model_copy(update={"provenance": by_kind[record.identity.trial.kind]})
        for run, record in found.items()
    }


def performance_records(profile: Profile = "full", /, **changes: float) -> dict[str, Record]:
    """A record of every part of the benchmark by run id; keywords replace made-up seconds.

    A measure's name is written with low lines; one that no part asks for is added to "lanes".
    """
    measured = MEASURED | {name.replace("_", "-"): value for name, value in changes.items()}
    found = (_measured(identity, measured) for identity in PERFORMANCE.identities(profile))
    return {record.id: record for record in found}


def _measured(identity: Identity, measured: Mapping[str, float]) -> Record:
    trial = identity.trial
    assert isinstance(trial, BenchTrial)
    names = {*trial.measures}
    if trial.part == "lanes":
        names |= {name for name in measured if name.startswith("jax-")}
    history = {
        f"{name}_{net}": tuple(
            round(_base(name, measured) * (1.5 if net == "bn" else 1.0) + 0.001 * number, 4)
            for number in range(trial.rounds)
        )
        for name in names
        for net in trial.nets
    }
    return Record(
        id=identity.run_id,
        identity=identity,
        provenance=made(PERFORMANCE, identity.trial),
        history=history,
    )


def _base(name: str, measured: Mapping[str, float]) -> float:
    what, _, size = name.partition("-")
    if name not in measured and what in {"seconds", "peak"}:
        return 8.0 + 0.5 * int(size) if what == "seconds" else 900.0
    return measured[name]


@lru_cache(maxsize=2)
def performance_report(profile: Profile = "full") -> StudyReport:
    """The report of the benchmark on made-up records."""
    return report_study(PERFORMANCE, performance_records(profile), profile, None, code())


def study_report(story: Story = TRUE, profile: Profile = "full", **changes: Any) -> StudyReport:
    """The report of the study on made-up records."""
    if not changes:
        return _study_report(story, profile)
    return report_study(NOTEBOOK, records(story, profile, **changes), profile, None, code())


@lru_cache(maxsize=8)
def _study_report(story: Story, profile: Profile) -> StudyReport:
    return report_study(NOTEBOOK, records(story, profile), profile, None, code())


def report(story: Story = TRUE, profile: Profile = "full", **changes: Any) -> Report:
    """A report of the whole site on made-up records, without runs of this machine."""
    studies = {
        "notebook": study_report(story, profile, **changes),
        "performance": performance_report(profile),
    }
    others = {study.page for name, study in all_studies().items() if name not in studies}
    return Report(profile, studies, None, frozenset(others))


# The interval that each sentence tells, in margins, and the word that the judge gives it.
TOLD: Mapping[str, tuple[Word, tuple[float, float, float]]] = {
    "supported": ("supported", (0.5, 1.5, 2.5)),
    "reversed": ("not supported", (-3.0, -2.0, -1.0)),
    "small": ("not supported", (0.2, 0.5, 0.8)),
    "not_supported": ("not supported", (-0.5, 0.0, 0.5)),
    "mixed": ("mixed", (-0.5, 0.5, 2.0)),
    "positive": ("underpowered", (0.5, 1.5, 2.5)),
    "undecided": ("underpowered", (-0.5, 0.5, 2.0)),
    "above": ("underpowered", (0.5, 1.0, 1.5)),
    "below": ("underpowered", (-1.5, -1.0, -0.5)),
    "not_in_every_setting": ("underpowered", (-0.5, 0.5, 2.0)),
}


def with_sentences(found: Report, keys: Mapping[str, str], name: str = "notebook") -> Report:
    """The report with numbers for some claims of a study that ask for the sentences of these keys.

    They are claims of any edition. A claim that is withdrawn asks for its own sentence, whatever
    its numbers are.
    """
    first, *later = (_with_sentences(edition, keys) for edition in found.studies[name].editions)
    return with_study(found, replace(first, later=tuple(later)))


def _with_sentences(study: StudyReport, keys: Mapping[str, str]) -> StudyReport:
    verdicts = {
        claim: told(verdict, keys[claim]) if keys.get(claim, "withdrawn") in TOLD else verdict
        for claim, verdict in study.verdicts.items()
    }
    return replace(study, verdicts=verdicts)


def told(verdict: Verdict, key: str) -> Verdict:
    """The verdict with numbers that ask for the sentence of that key."""
    word, ends = TOLD[key]
    margin = margin_of(verdict.claim) or 1.0
    low, point, high = (margin * end for end in ends)
    findings = {
        setting: replace(
            finding, word=word, interval=Interval(low, point, high, finding.interval.n, "t")
        )
        for setting, finding in verdict.findings.items()
    }
    if key == "not_in_every_setting":
        first = next(iter(findings))
        refuted = Interval(-0.5 * margin, 0.0, 0.5 * margin, verdict.n, "t")
        findings[first] = replace(findings[first], word="not supported", interval=refuted)
    numbers: dict[str, Any] = {"effect": point, "low": low, "high": high, "p": 0.001}
    return replace(
        verdict,
        word=word,
        reversed=key == "reversed",
        findings=findings,
        **(numbers if findings else {}),
    )


def with_study(found: Report, study: StudyReport) -> Report:
    """The report with another report of one study."""
    return replace(found, studies={**found.studies, study.study.name: study})


@lru_cache(maxsize=8)
def staged(story: Story = TRUE, profile: Profile = "full") -> Staging:
    """The pages of the site, rendered once from made-up records."""
    return render(report(story, profile), DOCS, Staging(supplies=Supplies(cache=kept())))


def plain(found: Report) -> Report:
    """The report without figures, so that a small page may show none."""
    return replace(
        found,
        studies={
            name: replace(study, analysis=replace(study.analysis, plots={}))
            for name, study in found.studies.items()
        },
    )


def waiting() -> dict[str, Study]:
    """The studies without quick records, as if none of their runs were recorded yet."""
    return {
        name: replace(study, announced=True)
        for name, study in all_studies().items()
        if not (ROOT / "results" / "quick" / f"{name}.jsonl").exists()
    }


def checkout(folder: Path, package: bool = True) -> Path:
    """A copy of what a build needs, with a notebook that passes for just executed.

    Of the studies only those that have quick records come along; the others wait. What is kept of
    builds here is kept for those of the copy, too.

    Args:
        folder: where it is made.
        package: with a package of its own, for processes that work in it; a build in this process
            works with ours, which a link leads to.
    """
    built = Layout(folder).built
    built.parent.mkdir(parents=True)
    Layout(ROOT).built.mkdir(parents=True, exist_ok=True)
    built.symlink_to(Layout(ROOT).built, target_is_directory=True)
    for name in ("docs", "notebooks", "theme", "results/quick"):
        source, copy = ROOT / name, folder / name
        shutil.copytree(source, copy, ignore=HALF_WRITTEN, copy_function=shutil.copyfile)
    if package:
        shutil.copytree(ROOT / "bnreport", folder / "bnreport", ignore=HALF_WRITTEN)
        _wait(folder / "bnreport" / "studies")
    else:
        (folder / "bnreport").symlink_to(ROOT / "bnreport", target_is_directory=True)
    for path in (folder / "results" / "quick").glob("*.jsonl"):
        for edition in (ROOT / "results").glob(f"{path.stem}*.jsonl"):
            shutil.copy(edition, folder / "results")
    for file in ("mkdocs.yml", "pyproject.toml", "CITATION.cff", "LICENSE"):
        shutil.copy(ROOT / file, folder)
    path = folder / "notebooks" / "notebook.ipynb"
    notebook = NBFORMAT.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(cells, start=1):
        cell.execution_count = number
    made = Execution(
        source=source_digest(notebook),
        code=code().today[executed.NOTEBOOK],
        commit="0123456",
        dirty=False,
        backend="tensorflow",
        device="a made-up processor",
        versions={},
        seconds=1.0,
    )
    path.write_text(sealed(notebook, made), encoding="utf-8")
    checksums.update(folder / "results")
    return folder


def _wait(studies: Path) -> None:
    """Announce the studies without quick records in the code of a copy."""
    for name in waiting():
        (main,) = (
            path
            for path in (studies / f"{name}.py", studies / name / "__init__.py")
            if path.exists()
        )
        text = main.read_text(encoding="utf-8")
        announced = "from dataclasses import replace\nSTUDY = replace(STUDY, announced=True)\n"
        main.write_text(f"{text}\n{announced}", encoding="utf-8")


def _record(identity: Identity, story: Story, provenance_: Provenance) -> Record:
    trial = identity.trial
    rng = generator(identity.seed, f"made-up run of {trial.name}")
    fields: dict[str, Any] = {
        "id": identity.run_id,
        "identity": identity,
        "provenance": provenance_,
    }
    if isinstance(trial, TimingTrial):
        fields["history"] = _seconds(trial, story, rng=rng)
    else:
        assert isinstance(trial, Trial)
        fields["history"] = _history(trial, story, rng=rng)
        fields["early_loss"] = round(float(rng.normal(1.5, 0.01)), 6)
        fields["scores"] = [
            _score(epoch, trial, story, IMAGES[identity.profile], rng=rng)
            for epoch in trial.score_epochs
        ]
    return Record.model_validate(fields)


def _history(
    trial: Trial, story: Story, *, rng: np.random.Generator
) -> dict[str, tuple[float, ...]]:
    values = _centre(trial, story) + SPREAD * rng.standard_normal((trial.epochs, len(METRICS)))
    history = dict(zip(METRICS, values.T, strict=True))
    history["train_loss"] = history["loss"] - 0.02
    history["train_accuracy"] = history["accuracy"] + 0.01
    return {name: tuple(np.round(column, 6).tolist()) for name, column in history.items()}


def _centre(trial: Trial, story: Story) -> Floats:
    """The mean curve of a trial, shape (epochs, 4)."""
    if trial.name.startswith("bn-one-epoch"):
        return np.array([[story.lowest + abs(np.log10(trial.learning_rate / 0.1)), 0.8, 0.4, 0.85]])
    epochs = np.arange(trial.epochs, dtype=float)[:, None]
    # Where no printout tells: far from both, and falling from epoch to epoch.
    centre: Floats = (
        np.array([0.9, 0.75, 0.8, 0.8]) + np.array([-0.01, 0.005, -0.01, 0.002]) * epochs
    )
    net, printed = ("bn", PUBLISHED_BN) if trial.net == "bn" else ("baseline", PUBLISHED_BASELINE)
    # A printout is one more run: the mean lies one draw beside it.
    drawn = printed + SPREAD * generator(0, f"made-up printout of {net}").standard_normal(
        printed.shape
    )
    for start in _starts(trial, story):
        centre[start : start + PRINTED_EPOCHS] = drawn
    if story.odd_validation and trial.net == "baseline":
        centre[2, METRICS.index("val_accuracy")] += 0.1
    return centre


def _starts(trial: Trial, story: Story) -> list[int]:
    """Where the printout lies in a trial, counted from 0."""
    if trial.name.startswith("baseline"):
        return [0] if f"{trial.learning_rate:g}" in story.rates else []
    starts = {"fresh": ("bn-0.01", 0), "new": ("bn-0.01", 10), "replayed": ("bn-0.01-replayed", 10)}
    return [starts[kind][1] for kind in story.kinds if starts[kind][0] == trial.name]


def _score(
    epoch: int,
    trial: Trial,
    story: Story,
    images: tuple[int, int],
    *,
    rng: np.random.Generator,
) -> ScoreRecord:
    bn = trial.name == "bn-0.01" and epoch == FIT_EPOCHS
    val, test = (
        _marks(0.86 + (story.gain / 100 if bn else 0.0), count, rng=rng) for count in images
    )
    return ScoreRecord(
        epoch=epoch,
        val_images=images[0],
        test_images=images[1],
        val_correct=packed(val),
        test_correct=packed(test),
    )


def _marks(share: float, images: int, *, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Easy images are always right, and a coin decides the hard ones; that share is right."""
    easy = np.arange(images) < round((2 * share - 1) * images)
    return easy | (rng.random(images) < 0.5)


def _seconds(
    trial: TimingTrial, story: Story, *, rng: np.random.Generator
) -> dict[str, tuple[float, ...]]:
    means = {
        "fit_baseline": 4.0,
        "fit_bn": 4.0 * (1 + story.fit_slowdown / 100),
        "compiled_baseline": 1.0,
        "compiled_bn": 1.0 * (1 + story.compiled_slowdown / 100),
    }
    noise = rng.normal(1, 0.02, (len(means), trial.rounds))
    return {
        name: tuple(np.round(mean * row, 4).tolist())
        for (name, mean), row in zip(means.items(), noise, strict=True)
    }


def write_down(layout: Layout, agreed: bool) -> None:
    """Write down a verification of the notebook's sample by the code as it is."""
    file = layout.committed("notebook", "full")
    known = read(file, print)
    again = {run: known[run] for run in (i.run_id for i in sample(NOTEBOOK.edition))}
    found = [
        comparison.model_copy(update={"equal_bits": agreed})
        for comparison in comparisons(again, known)
    ]
    write_verified(
        layout.verified("notebook"),
        Verified(
            study="notebook",
            records=checksums.file_digest(file),
            code=executed.whole_digest(code().today),
            commit="unknown",
            device="a made-up processor",
            versions={},
            comparisons=tuple(found),
        ),
    )
    checksums.update(layout.results)


# What the marks of a number and of an arm are around.
MARKED = re.compile(r'<(span|a) class="(?:value|arm)[^>]*>(.*?)</\1>')
# An interval that no line breaks.
UNBROKEN = re.compile(r"&#91;[^&]*&#93;")


def unmarked(page: str) -> str:
    """A page without the marks of its numbers and arms, so that its sentences can be compared."""
    without = MARKED.sub(r"\2", page)
    if without != page:
        return unmarked(without)
    broken = UNBROKEN.sub(lambda ends: ends[0].replace("\u00a0", " "), page)
    return broken.replace("\u202f", "\u2009")
