"""The rows of each published table, from the records."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bnreport.analysis.report import Report, StudyReport
from bnreport.analysis.verdicts import ONLY
from bnreport.pages.data import dictionary
from bnreport.pages.data.cells import cell
from bnreport.pages.data.claims import DIGITS
from bnreport.pages.data.columns import Column
from bnreport.pages.data.resource import Reference, Resource
from bnreport.pages.data.scores import final_scores
from bnreport.protocol.checks import Check, Score
from bnreport.protocol.nets import structure
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.protocol.scorings import (
    Averaged,
    Branches,
    Drift,
    Measure,
    Rotations,
    Scoring,
    Slopes,
)
from bnreport.protocol.trials import AnyTrial, Training, checks_of
from bnreport.records.collection import by_trial
from bnreport.records.record import Record
from bnreport.statistics.estimates import Contrast, Fit
from bnreport.studies.notebook.published import (
    METRICS,
    PUBLISHED_BASELINE,
    PUBLISHED_BN,
    PUBLISHED_FINAL,
    PUBLISHED_RUNTIME,
    PUBLISHED_SECONDS,
)


def csv_table(
    path: str,
    description: str,
    columns: tuple[Column, ...],
    rows: Iterable[Sequence[object]],
    key: tuple[str, ...],
    references: tuple[Reference, ...] = (),
) -> Resource:
    """A table as CSV, with its columns described."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerows([cell(value) for value in row] for row in rows)
    return Resource(path, description, text.getvalue(), "", columns, key, references)


def values_table(report: Report) -> Iterator[tuple[object, ...]]:
    """One row a claim, setting and seed; of a fit one for each of its runs."""
    for study, verdict in report.verdicts():
        seeds = _paired_seeds(study, verdict.claim.id)
        for setting, finding in verdict.findings.items():
            # Rounds of a timing are pairs, too, and have no seed of their own.
            named = seeds if len(seeds) == len(finding.values) else [None] * len(finding.values)
            for pair, (seed, value) in enumerate(zip(named, finding.values, strict=True), start=1):
                yield verdict.claim.id, setting, pair, seed, _rounded(value)

        estimate = study.estimates[verdict.claim.id]
        if isinstance(estimate, Fit):
            seeds = _paired_seeds(study, verdict.claim.id)
            for place, (seed, value) in enumerate(zip(seeds, estimate.oddities, strict=True), 1):
                yield verdict.claim.id, ONLY, place, seed, _rounded(value)


def images_table(report: Report) -> Iterator[tuple[object, ...]]:
    """One row a claim and setting whose interval covers images as well as seeds."""
    for study, verdict in report.verdicts():
        estimate = study.estimates[verdict.claim.id]
        settings = {ONLY: estimate} if isinstance(estimate, Contrast) else estimate
        for setting, contrast in settings.items() if isinstance(settings, Mapping) else ():
            if squares := contrast.squares:
                rounded = _rounded(squares.images), _rounded(squares.rest)
                yield verdict.claim.id, setting, squares.n_images, *rounded


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _paired_seeds(study: StudyReport, claim: str) -> list[int]:
    """The seeds that all trials of a claim share and that judge, rising, as `values` are."""
    trials = by_trial(study.records)
    seeds = [set(trials[name]) - set(TUNING_SEEDS) for name in study.stands_on[claim]]
    return sorted(set.intersection(*seeds)) if seeds else []


def runs_table(report: Report) -> Iterator[list[object]]:
    """One row a run."""
    for study in report.editions():
        for record in _ordered(study.records.values()):
            identity, provenance = record.identity, record.provenance
            settings = _settings(identity.trial)
            scores = final_scores(record)
            yield [
                record.id,
                study.study.edition.name,
                identity.trial.name,
                identity.seed,
                identity.seed in TUNING_SEEDS,
                identity.trial.kind,
                identity.profile,
                record.diverged,
                *(scores.get(name) for name in dictionary.SCORES),
                record.early_loss,
                provenance.seconds,
                provenance.lanes,
                provenance.threads,
                provenance.backend,
                provenance.device,
                provenance.commit,
                *(settings.get(name) for name in dictionary.TRIALS),
            ]


def _settings(trial: AnyTrial) -> dict[str, object]:
    """Every field of a trial and of its net by the name of its column."""
    settings: dict[str, object] = {}
    for name in type(trial).model_fields:
        if name in {"kind", "name", "net", "checks", "measures"}:
            continue
        column = dictionary.RENAMED.get((trial.kind, name), name)
        settings[dictionary.TRIALS[column].name] = getattr(trial, name)
    if isinstance(trial, Training):
        net = trial.net
        settings["net"] = net if isinstance(net, str) else None
        settings["checks"] = [check.name for check in checks_of(trial)]
        parts = structure(net) if isinstance(net, str) else net
        settings |= {f"net_{name}": getattr(parts, name) for name in type(parts).model_fields}
    return settings


def checks_table(report: Report) -> Iterator[tuple[object, ...]]:
    """One row a check of a trial."""
    for study in report.editions():
        trained = {record.identity.trial.name for record in study.records.values()}
        for runs in study.study.runs:
            trial = runs.trial
            for check in checks_of(trial) if trial.name in trained else ():
                yield (
                    study.study.edition.name,
                    trial.name,
                    check.name,
                    check.kind,
                    *_of_check(check),
                    check.steps,
                )


def _of_check(check: Check | Measure) -> tuple[object, ...]:
    """Part, mode, probe, images, images of statistics taken anew, and settings."""
    if isinstance(check, Scoring):
        scored = check.model_dump(mode="json", include={"by", "parts", "change"})
        return None, None, None, check.images, check.taken, scored
    if isinstance(check, Drift | Slopes | Branches):
        windows = {"windows": check.windows} if isinstance(check, Drift) else None
        return None, None, None, check.images, None, windows
    if isinstance(check, Rotations | Averaged):
        how = check.model_dump(mode="json", exclude={"kind", "name", "steps"})
        return None, None, None, None, None, how
    if isinstance(check, Score):
        precise = check.precise_images if check.mode == "precise" else None
        return check.part, check.mode, None, check.images, precise, None
    return None, None, check.probe, check.images, None, check.settings


def measures_table(records: Iterable[Record]) -> Iterator[tuple[object, ...]]:
    """One row a run, check, step and layer."""
    for record in _ordered(records):
        for check in checks_of(record.identity.trial):
            for name, quantity in _quantities(record, check):
                for step, measured in zip(check.steps, record.checks[name], strict=False):
                    fixed = record.id, step, check.name, quantity
                    if isinstance(measured, tuple):
                        for position, value in enumerate(measured):
                            yield *fixed, position, value
                    else:
                        yield *fixed, None, measured


def _quantities(record: Record, check: Check | Measure) -> list[tuple[str, str]]:
    """The names of what a check found, whole and without its own."""
    start = f"{check.name}_"
    return [(n, n.removeprefix(start)) for n in sorted(record.checks) if n.startswith(start)]


def _ordered(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda r: (r.identity.trial.name, r.identity.seed))


def printed_table() -> Iterator[tuple[str, int | None, str, float]]:
    """The numbers that the original notebook printed."""
    for net, curve in {"baseline": PUBLISHED_BASELINE, "bn": PUBLISHED_BN}.items():
        for epoch, row in enumerate(curve.tolist(), start=1):
            for metric, value in zip(METRICS, row, strict=True):
                yield net, epoch, metric, value
            yield net, epoch, "seconds", float(PUBLISHED_SECONDS[net][epoch - 1])
        yield net, None, "test_accuracy", PUBLISHED_FINAL[net]
        yield net, None, "runtime", PUBLISHED_RUNTIME[net]
