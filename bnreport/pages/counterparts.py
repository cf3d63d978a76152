"""The dense nets' verdicts beside standardized inputs, and the convolutional net's on the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bnreport.analysis.report import Report, StudyReport
from bnreport.errors import PageError
from bnreport.pages.claim_card import badge
from bnreport.pages.claim_text import claim_numbers
from bnreport.pages.data.links import claim_page
from bnreport.pages.fragments import fragment
from bnreport.presentation.formats import counted
from bnreport.protocol.nets import Net
from bnreport.protocol.trials import Trial

CONVOLUTION = "convolution"
# The training images of Fashion-MNIST once 5,000 are put aside for validation.
ALL_IMAGES = 55_000


@dataclass(frozen=True)
class Counterpart:
    """A comparison with standardized inputs that both kinds of net have been put to.

    Attributes:
        effect: what BN would do, compared with standardized inputs without it.
        dense: the study and the claim of dense nets.
        convolutional: the claim of the convolutional net.
        setting: the one of the claims' settings that is shown, where they have several.
    """

    effect: str
    dense: tuple[str, str]
    convolutional: str
    setting: str = ""


COUNTERPARTS = (
    Counterpart(
        "needs fewer steps to an accuracy, at the same rate",
        ("speed", "speed-same-std"),
        "convolution-speed-std",
    ),
    Counterpart(
        "learns well at more learning rates",
        ("rates", "rates-width-std"),
        "convolution-width-std",
    ),
    *(
        Counterpart(
            f"is more accurate with batches of {size}",
            ("batchsize", "batchsize-large-std"),
            "convolution-large-std",
            size,
        )
        for size in ("32", "128")
    ),
)
STUDIES = (*dict.fromkeys(pair.dense[0] for pair in COUNTERPARTS), CONVOLUTION)


def counterparts(report: Report, prefix: str) -> Markup:
    """The table of both kinds of net, with what differs between them; empty while one has no runs.

    Args:
        report: what the site says.
        prefix: the way from the page up to the root of the site.
    """
    if not report.studies.keys() >= {*STUDIES}:
        return Markup()
    rows = [
        {
            "effect": pair.effect,
            "cells": [
                _cell(report.studies[study], claim, pair.setting, prefix)
                for study, claim in (pair.dense, (CONVOLUTION, pair.convolutional))
            ],
        }
        for pair in COUNTERPARTS
    ]
    dense = [_arms(report, *pair.dense) for pair in COUNTERPARTS]
    convolutional = [_arms(report, CONVOLUTION, pair.convolutional) for pair in COUNTERPARTS]
    differs = [
        (aspect, describe(dense), describe(convolutional))
        for aspect, describe in (
            ("net", _nets),
            ("trained", _trained),
            ("last batch of an epoch", _last),
            ("BN's averages", _averages),
        )
    ]
    return fragment("counterparts.html.j2", rows=rows, differs=differs)


@dataclass(frozen=True)
class Arms:
    """The trials with BN that a claim stands on, and the title of their study."""

    title: str
    trials: tuple[Trial, ...]


def _cell(study: StudyReport, claim: str, setting: str, prefix: str) -> dict[str, object]:
    numbers = claim_numbers(study.verdicts[claim])
    start = f"{setting}." if setting else ""
    return {
        "badge": badge(study.shown(claim)),
        "link": prefix + claim_page(study, claim),
        "found": f"{numbers[f'{start}signed']} {numbers[f'{start}interval']}",
    }


def _arms(report: Report, name: str, claim: str) -> Arms:
    study = report.studies[name]
    trials = [
        runs.trial
        for runs in study.study.runs
        if runs.trial.name in study.stands_on[claim]
        and isinstance(runs.trial, Trial)
        and isinstance(runs.trial.net, Net)
        and runs.trial.net.normalizer == "batch"
    ]
    if not trials:
        raise PageError(
            f"Expected claim {claim} to stand on nets with BN, whose settings the table of dense "
            "and convolutional nets shows. Received: none. Take it out of `COUNTERPARTS`."
        )
    return Arms(study.study.title.lower(), tuple(trials))


def _nets(compared: Sequence[Arms]) -> str:
    return "; ".join(dict.fromkeys(_net(trial.net) for arms in compared for trial in arms.trials))


def _net(net: str | Net) -> str:
    assert isinstance(net, Net)
    filters = " and ".join(map(str, net.filters))
    units = " and ".join(map(str, net.hidden))
    return f"{filters} filters, then {units} units" if filters else f"{units} units"


def _trained(compared: Sequence[Arms]) -> str:
    by_title: dict[str, list[Trial]] = {}
    for arms in compared:
        by_title.setdefault(arms.title, []).extend(arms.trials)
    lengths = {title: _length(trials) for title, trials in by_title.items()}
    return "; ".join(
        f"{title}: {text}" if len(lengths) > 1 else text for title, text in lengths.items()
    )


def _length(trials: Sequence[Trial]) -> str:
    epochs = _range([trial.epochs for trial in trials])
    images = _range([_images(trial) for trial in trials])
    sizes = _range([trial.batch_size for trial in trials])
    steps = _range([trial.epochs * (_images(trial) // trial.batch_size) for trial in trials])
    many = "epoch" if epochs == "1" else "epochs"
    return f"{epochs} {many} of {images} images, {steps} whole batches of {sizes}"


def _images(trial: Trial) -> int:
    return trial.images or ALL_IMAGES


def _last(compared: Sequence[Arms]) -> str:
    """The number of images in the last batch of an epoch where it is not a whole one."""
    short = sorted(
        {
            (trial.batch_size, _images(trial) % trial.batch_size)
            for arms in compared
            for trial in arms.trials
            if _images(trial) % trial.batch_size
        }
    )
    texts = [f"{counted(left, 'image')} at batches of {size}" for size, left in short]
    return "; ".join(texts) or "a whole one"


def _averages(compared: Sequence[Arms]) -> str:
    by_size = {trial.batch_size: trial.momentum for arms in compared for trial in arms.trials}
    if len(values := {*by_size.values()}) == 1:
        return f"momentum {values.pop():g}, Keras' default, so that they lag behind the weights"
    each = ", ".join(f"{by_size[size]:g} at batches of {size}" for size in sorted(by_size))
    return f"momentum {each}"


def _range(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
