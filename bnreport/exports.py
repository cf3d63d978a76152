"""The data that the site publishes: the claims as JSON, the runs as CSV."""

import csv
import io
import json
import math
from collections.abc import Iterable

import numpy as np

from bnreport.display import CORRECTED
from bnreport.effects import shown
from bnreport.estimates import Fit
from bnreport.judge import Finding, Verdict
from bnreport.records import Record
from bnreport.report import Report, StudyReport
from bnreport.study import Claim
from bnreport.trials import AnyTrial, canonical

# Significant digits of a number that was computed; recorded ones are published as they are.
DIGITS = 10
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
    claim, judged = verdict.claim, verdict.word != "not judged"
    told = study.shown(claim.id)
    shown_one = verdict.findings.get(verdict.setting)
    estimate = study.estimates[claim.id]
    fit = estimate if isinstance(estimate, Fit) else None
    return {
        "id": claim.id,
        "study": study.study.name,
        "page": claim_page(study, claim.id),
        "label": claim.label or None,
        "question": claim.question,
        "statement": claim.statement,
        "source": claim.source,
        "kind": claim.kind,
        "scale": claim.scale,
        "unit": claim.unit,
        "margin": claim.margin,
        "metric": claim.metric,
        "arms": claim.arms,
        "seeds": claim.seeds,
        "rule": claim.rule,
        "amended": claim.amended,
        "expected": claim.expected,
        "verdict": verdict.word,
        "reversed": verdict.reversed,
        "shown": told.text,
        "statement_shown": told.statement,
        "published": told.published or None,
        "corrected": f"{CORRECTED}: {told.reason}" if told.published else None,
        "setting": verdict.setting or None,
        **_numbers(claim, verdict.effect, verdict.low, verdict.high),
        "interval": shown_one.interval.method if shown_one else None,
        "p": _finite(shown_one.p if shown_one else verdict.p) if judged else None,
        "p_value": _finite(verdict.p),
        "family": verdict.family if verdict.findings else None,
        "n": verdict.n,
        "diverged": verdict.diverged,
        "censored": verdict.censored,
        "detectable": _detectable(claim, shown_one) if shown_one else None,
        "offset": fit.offset if fit else None,
        "rms": _finite(fit.rms) if fit else None,
        "settings": [
            {
                "setting": name,
                "verdict": finding.word if judged else verdict.word,
                **_numbers(
                    claim, finding.interval.point, finding.interval.low, finding.interval.high
                ),
                "interval": finding.interval.method,
                "p": _finite(finding.p) if judged else None,
                "n": finding.interval.n,
                "diverged": finding.diverged,
                "censored": finding.censored,
                "detectable": _detectable(claim, finding),
            }
            for name, finding in verdict.findings.items()
            if name
        ],
    }


def _numbers(
    claim: Claim, effect: float | None, low: float | None, high: float | None
) -> dict[str, float | None]:
    return {
        "effect": _shown(claim, effect),
        "low": _shown(claim, low),
        "high": _shown(claim, high),
    }


def _detectable(claim: Claim, finding: Finding) -> float | None:
    # It is the power of a test for a difference, and says nothing about a claim of equality.
    return _shown(claim, finding.detectable) if claim.kind == "difference" else None


def _shown(claim: Claim, value: float | None) -> float | None:
    return None if value is None else _finite(float(shown(claim, np.array(value))))


def _finite(value: float | None) -> float | None:
    # JSON has no infinity; an interval without an end has no number there. The last bits of a
    # float differ between processors, and so do not belong into a published file.
    return None if value is None or not math.isfinite(value) else float(f"{value:.{DIGITS}g}")


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
    return "".join(record.sealed() + "\n" for record in ordered)


def _cell(record: Record, metric: str, epoch: int) -> float | str:
    values = record.history.get(metric, ())
    value = values[epoch] if epoch < len(values) else None
    return "" if value is None else value
