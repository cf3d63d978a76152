"""The data that the site publishes: the claims as JSON, the runs as CSV."""

import csv
import io
import json
import math
from collections.abc import Iterable

import numpy as np

from bnreport.effects import shown
from bnreport.judge import Verdict
from bnreport.records import Record
from bnreport.report import Report, StudyReport
from bnreport.study import Claim
from bnreport.trials import AnyTrial, canonical

COLUMNS = ("run", "trial", "seed", "net", "learning_rate", "epoch", "diverged")


def anchor(claim: str) -> str:
    """The anchor of a claim on its study's page."""
    return "claim-" + claim.replace(".", "-")


def claim_page(study: StudyReport, claim: str) -> str:
    """Where a claim stands on the site."""
    return f"{study.study.page.removesuffix('.md')}.html#{anchor(claim)}"


def claims_json(report: Report) -> str:
    """Every claim with its verdict, as a JSON list of objects."""
    return json.dumps([_claim(s, v) for s, v in report.verdicts()], indent=1) + "\n"


def _claim(study: StudyReport, verdict: Verdict) -> dict[str, object]:
    claim = verdict.claim
    return {
        "id": claim.id,
        "statement": claim.statement,
        "verdict": verdict.word,
        "expected": claim.expected,
        "effect": _shown(claim, verdict.effect),
        "low": _shown(claim, verdict.low),
        "high": _shown(claim, verdict.high),
        "unit": claim.unit,
        "setting": verdict.setting or None,
        "n": verdict.n,
        "p_value": _finite(verdict.p),
        "study": study.study.name,
        "page": claim_page(study, claim.id),
        "rule": claim.rule,
        "source": claim.source,
    }


def _shown(claim: Claim, value: float | None) -> float | None:
    return None if value is None else _finite(float(shown(claim, np.array(value))))


def _finite(value: float | None) -> float | None:
    # JSON has no infinity; an interval without an end has no number there.
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")


def runs_csv(records: Iterable[Record]) -> str:
    """One row a run and epoch (a round, for timings); a cell is empty where there is no number."""
    ordered = sorted(records, key=lambda r: (r.identity.trial.name, r.identity.seed))
    metrics = sorted({name for record in ordered for name in record.history})
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*COLUMNS, *metrics])
    for record in ordered:
        trial = record.identity.trial
        epochs = max((len(values) for values in record.history.values()), default=0)
        for epoch in range(epochs):
            numbers = [_cell(record, metric, epoch) for metric in metrics]
            net, rate = _net_and_rate(trial, epoch)
            fixed = [record.id, trial.name, record.identity.seed, net, rate]
            rows.writerow([*fixed, epoch + 1, int(record.diverged), *numbers])
    return text.getvalue()


def _net_and_rate(trial: AnyTrial, epoch: int) -> tuple[str, float | None]:
    """The net, none in a toy, and the learning rate, which is another in each row of a toy.

    Facts have neither.
    """
    match trial.kind:
        case "train":
            net = trial.net if isinstance(trial.net, str) else canonical(trial.net.model_dump())
            return net, trial.learning_rate
        case "toy":
            return "", trial.rates[epoch]
        case "timing" | "bench":
            return " ".join(trial.nets), trial.learning_rate
        case "facts":
            return "", None


def runs_jsonl(records: Iterable[Record]) -> str:
    """Every number of every run, as it is recorded: one JSON object a line."""
    ordered = sorted(records, key=lambda r: (r.identity.trial.name, r.identity.seed))
    return "".join(record.line() + "\n" for record in ordered)


def _cell(record: Record, metric: str, epoch: int) -> float | str:
    values = record.history.get(metric, ())
    value = values[epoch] if epoch < len(values) else None
    return "" if value is None else value
