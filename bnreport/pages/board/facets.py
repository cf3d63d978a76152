"""Say by what the board can be filtered: the arms and nets of a claim, its edition and score."""

from collections.abc import Iterator
from dataclasses import dataclass

from bnreport.analysis.report import StudyReport
from bnreport.protocol.measurements import TimingTrial
from bnreport.protocol.nets import Net, structure
from bnreport.protocol.residual import Residual
from bnreport.protocol.trials import AnyTrial, Training

# The arms by what a filter calls them, as it lists them.
ARMS = {
    "bn": "BN",
    "std-bn": "BN on standardized inputs",
    "raw": "raw pixels, nothing normalized",
    "std": "standardized inputs alone",
    "layer": "layer normalization",
    "group": "group normalization",
    "rms": "RMS normalization",
    "renorm": "batch renormalization",
    "weight": "weight standardization",
    "skipinit": "SkipInit",
    "fixup": "Fixup",
}
# What normalizers are filtered by; a batch in parts or with noise is BN all the same.
NORMALIZERS = {
    "batch": "bn",
    "ghost": "bn",
    "noisy": "bn",
    "renorm": "renorm",
    "layer": "layer",
    "group": "group",
    "rms": "rms",
    "weight": "weight",
}
RAW, STANDARDIZED = {"raw", "undivided"}, {"std", "std-scalar"}
NETS = {"dense": "dense", "convolutional": "convolutional", "residual": "residual"}
EDITIONS = {"first": "first edition: tests decide", "later": "since then: one interval decides"}
# How a filter calls the score of a claim that names none.
NONE = "none"
SCORES = {
    "fresh": "BN with fresh statistics",
    "deployed": "BN as deployed",
    NONE: "the claim names none",
}


@dataclass(frozen=True)
class Facets:
    """The keys that a claim is found by: of `ARMS` and `NETS`, and one of `EDITIONS` and `SCORES`.

    A claim that is on no trained net has no arms and no net, and one that compares scores, or no
    net with BN, has none.
    """

    arms: tuple[str, ...]
    nets: tuple[str, ...]
    edition: str
    score: str


def facets(study: StudyReport, claim: str) -> Facets:
    """The keys that a claim of an edition is found by."""
    names = set(study.stands_on.get(claim, ()))
    trials = [runs.trial for runs in study.study.runs if runs.trial.name in names]
    compared = [each for trial in trials for each in _nets(trial)]
    arms = {arm for net, inputs in compared for arm in _arms(net, inputs)}
    kinds = {_kind(net) for net, _ in compared}
    return Facets(
        arms=tuple(arm for arm in ARMS if arm in arms),
        nets=tuple(kind for kind in NETS if kind in kinds),
        edition=edition_of(study),
        score=study.verdicts[claim].claim.score,
    )


def edition_of(study: StudyReport) -> str:
    """The edition of the whole site that an edition of a study belongs to, a key of `EDITIONS`.

    Studies that came later than the first edition are in their own first.
    """
    return "later" if study.study.edition.since_first else "first"


def _nets(trial: AnyTrial) -> Iterator[tuple[Net | Residual, str]]:
    """Yield the nets of a trial, each with its inputs."""
    if isinstance(trial, Training):
        net = trial.net if isinstance(trial.net, Residual) else structure(trial.net)
        yield net, trial.inputs
    if isinstance(trial, TimingTrial):
        for name in trial.nets:
            yield trial.structures.get(name) or structure(name), "raw"


def _kind(net: Net | Residual) -> str:
    if isinstance(net, Residual):
        return "residual"
    return "convolutional" if net.filters else "dense"


def _arms(net: Net | Residual, inputs: str) -> Iterator[str]:
    if net.normalizer != "none":
        yield NORMALIZERS[net.normalizer]
        if NORMALIZERS[net.normalizer] == "bn" and inputs in STANDARDIZED:
            yield "std-bn"
    elif isinstance(net, Residual) and net.start in {"skipinit", "fixup"}:
        yield net.start
    elif inputs in STANDARDIZED:
        yield "std"
    elif inputs in RAW:
        yield "raw"
