"""The figure that every study has: what its claims found, seed by seed, beside their margins."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.display import Judgement, Qualifier, mark_of
from bnreport.analysis.verdicts import Finding, Verdict
from bnreport.presentation.formats import interval_name
from bnreport.presentation.plots import Dots, Row, Scale
from bnreport.protocol.claims import Claim

# Decimals that an effect is printed with, by its unit; three for others.
DECIMALS = {"pp": 2, "%": 0, "loss": 3, "largest |z|": 1, "x": 2, "decades": 2, "steps": 1}

# How a title names units that read badly as they are.
UNITS = {"x": "ratios", "pp": "percentage points"}
# How a title counts the verdicts whose qualifier says more than their word.
TOLD: dict[Qualifier, str] = {
    "reversed": "reversed",
    "real but small": "real but small",
    "not in every setting": "not in every setting",
    "positive, its size undecided": "positive but of undecided size",
    "apart": "apart by an undecided amount",
}


def forest_plots(
    verdicts: Mapping[str, Verdict], judgements: Mapping[str, Judgement]
) -> dict[str, Dots]:
    """A figure for each unit in which the study's claims are judged, by unit.

    Args:
        verdicts: the verdicts by claim id; those without an interval are left out.
        judgements: what readers see of them.
    """
    rows: dict[str, list[Row]] = {}
    labels: dict[str, list[str]] = {}
    words: dict[str, list[str]] = {}
    scales: dict[str, Scale] = {}
    for name, verdict in verdicts.items():
        claim = verdict.claim
        if verdict.findings:
            labels.setdefault(claim.unit, []).append(judgements[name].label or claim.id)
            words.setdefault(claim.unit, []).append(_word(judgements[name]))
        for setting, finding in verdict.findings.items():
            rows.setdefault(claim.unit, []).append(
                _row(verdict, judgements[name], setting, finding)
            )
            scales[claim.unit] = "log" if claim.scale == "ratio" else "linear"
    return {
        unit: _dots(
            title(words[unit], labels[unit], unit if len(words[unit]) < len(verdicts) else ""),
            unit,
            tuple(unit_rows),
            scales[unit],
        )
        for unit, unit_rows in rows.items()
    }


def title(words: Sequence[str], labels: Sequence[str], unit: str = "") -> str:
    """Count what the claims found: "2 of 3 claims supported, 1 reversed"; one alone is named.

    Args:
        words: what each claim found.
        labels: what each is called.
        unit: their unit, where the study has claims that are not among them.
    """
    claims = f"claims in {UNITS.get(unit, unit)}" if unit else "claims"
    counts = Counter(words).most_common()
    word, count = counts[0]
    if len(counts) == 1:
        if count == 1:
            return f"{labels[0]}: {word}"
        return f"{'Both' if count == 2 else f'All {count}'} {claims} {word}"
    others = "".join(f", {more} {other}" for other, more in counts[1:])
    return f"{count} of {len(words)} {claims} {word}{others}"


def _word(judgement: Judgement) -> str:
    """The word shown, or what qualifies it where the word alone would hide a loss or a lead."""
    return TOLD.get(judgement.qualifier, judgement.word)


def _dots(finding: str, unit: str, rows: tuple[Row, ...], scale: Scale) -> Dots:
    counts = sorted({len(row.values) for row in rows})
    n = " to ".join(str(count) for count in counts[:: max(1, len(counts) - 1)])
    return Dots(
        title=finding,
        subtitle=f"A dot a seed (n = {n}), the mean and its "
        f"{interval_name(*(row.level for row in rows))} below"
        + ("; shaded: effects below the margin" if any(row.band for row in rows) else ""),
        x_label="ratio" if unit == "x" else unit,
        rows=rows,
        nothing=1.0 if scale == "log" else 0.0,
        x_scale=scale,
        decimals=DECIMALS.get(unit, 3),
    )


def _row(verdict: Verdict, judgement: Judgement, setting: str, finding: Finding) -> Row:
    claim = verdict.claim
    interval = finding.interval
    values = shown(claim, np.array(finding.values))
    low, point, high = shown(claim, np.array([interval.low, interval.point, interval.high]))
    named = judgement.label or claim.id
    # A setting has a verdict of its own, which need not be that of the claim.
    mark = mark_of(finding.word) if setting else judgement.mark
    return Row(
        label=f"{mark} {named}" + (f", {judgement.setting(setting)}" if setting else ""),
        arm="neutral",
        values=values,
        low=float(low),
        point=float(point),
        high=float(high),
        band=_band(claim),
        level=interval.level,
    )


def shown(claim: Claim, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Effects of a claim as people read them: the logarithm of a ratio becomes the ratio."""
    return np.exp(values) if claim.scale == "ratio" else values


def _band(claim: Claim) -> tuple[float, float] | None:
    """The effects that are too small to matter."""
    if not claim.margin:
        return None
    if claim.scale == "ratio":
        return (1 / claim.margin if claim.kind == "equivalence" else 1.0, claim.margin)
    return (-claim.margin if claim.kind == "equivalence" else 0.0, claim.margin)
