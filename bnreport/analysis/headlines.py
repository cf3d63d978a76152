"""Gather what claims say of one thing under several conditions: on other nets, data, optimizers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bnreport.analysis.report import Report, StudyReport
from bnreport.errors import PageError
from bnreport.protocol.claims import Claim
from bnreport.protocol.data import DATA, FASHION_MNIST_NAME
from bnreport.protocol.nets import Net, structure
from bnreport.protocol.optimization import CONSTANT
from bnreport.protocol.residual import Residual
from bnreport.protocol.trials import Training

# What is asked under several conditions: the ten headlines that were named to go to other data
# before any run of the second edition (docs/decisions/0009-ten-headlines.md), and two of them as
# claims that one net is ahead, where others say that two tie. A claim names its headline in its
# display.
HEADLINES = {
    "bn-raw": "on raw pixels, a net is more accurate with BN than without it",
    "bn-std": "a net with BN is as accurate as one on standardized inputs without it",
    "bn-over-std": "a net with BN is more accurate than one on standardized inputs without it",
    "std-bn": "on standardized inputs, a net is as accurate with BN as without it",
    "bn-std-gain": "on standardized inputs, a net is more accurate with BN than without it",
    "ln": "layer normalization is as accurate as BN",
    "steps-raw": "on raw pixels, a net needs more steps without BN than with it, at one small rate",
    "steps-std": "a net needs more steps with standardized inputs than with BN, at one small rate",
    "width-raw": "on raw pixels, a net has a wider range of good rates with BN than without it",
    "width-std": "a net has a wider range of good rates with BN than with standardized inputs",
    "lag": "moving averages of momentum 0.99 cost BN accuracy",
    "small": "in batches of two or four images, BN is less accurate than nets without it",
}
# The ten; those left out ask in another way.
TEN = tuple(name for name in HEADLINES if name not in {"bn-over-std", "bn-std-gain"})
# Its title counts the images that validate, too; a condition says how many train.
TITLES = {"mnist-5k": f"{DATA['mnist-5k'].train:,} images of MNIST"}
# Less than this share of the images that there are is a condition of its own.
FEW = 0.1
NETS = ("dense", "convolutional", "residual")
RULES = {
    "sgd": "SGD",
    "momentum": "momentum",
    "nesterov": "Nesterov's momentum",
    "adam": "Adam",
    "adamw": "AdamW",
}
COURSES = {"constant": "constant rate", "linear": "falling rate"}


@dataclass(frozen=True)
class Condition:
    """The kind of net, the data and the optimizer of runs.

    Attributes:
        net: one of `NETS`.
        data: the name of the data set.
        rule: the optimizer's, a key of `RULES`.
        schedule: the course of the rate, a key of `COURSES`.
        images: how many images train, where they are few of those that the data set has.
    """

    net: str
    data: str = FASHION_MNIST_NAME
    rule: str = "sgd"
    schedule: str = CONSTANT.name
    images: int = 0

    @property
    def parts(self) -> tuple[str, str, str]:
        """The same in words: net, data, and optimizer with its rate."""
        trained = f"{RULES[self.rule]}, {COURSES[self.schedule]}"
        amount = f"{self.images:,} images of " if self.images else ""
        data = amount + TITLES.get(self.data, DATA[self.data].title)
        # A size is not broken over two lines.
        return f"{self.net} net", data.replace(" × ", "\u00a0×\u00a0"), trained

    @property
    def place(self) -> tuple[int, ...]:
        """Its place in an order: by data, net, optimizer and schedule, the simplest first."""
        return (
            [*DATA].index(self.data),
            self.images,
            NETS.index(self.net),
            [*RULES].index(self.rule),
            [*COURSES].index(self.schedule),
        )


# Where headlines go next: decision 9 and deep residual nets.
PLANNED = (
    Condition("residual", "fashion-mnist-14", rule="momentum", schedule="linear"),
    *(Condition("dense", data, schedule="linear") for data in ("mnist-5k", "mnist-1d")),
)
# A claim with the report of its edition, by what it says and where.
Answers: TypeAlias = Mapping[str, Mapping[Condition, list[tuple[StudyReport, Claim]]]]


def condition_of(trial: Training) -> Condition:
    """The condition that a trial trains under; one that names no optimizer is plain descent."""
    net = trial.net if isinstance(trial.net, Residual) else structure(trial.net)
    kind = "residual" if isinstance(net, Residual) else "dense"
    if isinstance(net, Net) and net.filters:
        kind = "convolutional"
    if trial.kind == "train":
        return Condition(kind)
    images = trial.images if trial.images < FEW * DATA[trial.data].train else 0
    return Condition(kind, trial.data, trial.optimizer.rule, trial.schedule.name, images)


def headlines(report: Report) -> Answers:
    """The claims that ask each headline, by condition.

    Raises:
        PageError: when claims of one headline ask different things, or one mixes conditions.
    """
    answers: dict[str, dict[Condition, list[tuple[StudyReport, Claim]]]] = {
        name: {} for name in HEADLINES
    }
    for study in report.editions():
        for claim in study.study.claims:
            if name := _headline_of(study, claim):
                condition = _condition_of(study, claim)
                answers[name].setdefault(condition, []).append((study, claim))
    for name, by_condition in answers.items():
        _refuse_others(name, [[claim for _, claim in pairs] for pairs in by_condition.values()])
    return answers


def conditions(answers: Answers) -> list[Condition]:
    """The conditions under which a headline was tried, in order."""
    tried = {condition for by_condition in answers.values() for condition in by_condition}
    return sorted(tried, key=lambda condition: condition.place)


def untried(answers: Answers) -> list[Condition]:
    """The conditions that were planned and that no headline was tried under."""
    tried = conditions(answers)
    return [condition for condition in PLANNED if condition not in tried]


def _headline_of(study: StudyReport, claim: Claim) -> str:
    display = study.study.display.get(claim.id)
    name = display.headline if display and claim.id in study.verdicts else ""
    if name and name not in HEADLINES:
        raise PageError(
            f"Expected claim {claim.id} to ask one of the headlines. Received: {name!r}. Use one "
            f"of: {', '.join(HEADLINES)}."
        )
    return name


def _condition_of(study: StudyReport, claim: Claim) -> Condition:
    trials = [
        runs.trial for runs in study.study.runs if runs.trial.name in study.stands_on[claim.id]
    ]
    together = {condition_of(trial) for trial in trials if isinstance(trial, Training)}
    if len(together) != 1:
        raise PageError(
            f"Expected claim {claim.id} to ask its headline under one condition. Received: "
            f"{len(together)}. Give each net, data set and optimizer a claim of its own."
        )
    return together.pop()


def _refuse_others(name: str, by_condition: list[list[Claim]]) -> None:
    """Refuse claims of a headline that ask different things: words would not compare.

    Their margins may differ from condition to condition, since nets scatter more on some data than
    on other, and from score to score, since averages that lag scatter more than fresh statistics;
    under one condition by one score they may not.
    """
    claims = [claim for claims in by_condition for claim in claims]
    margins = [{(claim.score, claim.margin) for claim in each} for each in by_condition]
    unlike = any(len(each) > len({score for score, _ in each}) for each in margins)
    if len({(claim.kind, claim.scale, claim.unit) for claim in claims}) > 1 or unlike:
        raise PageError(
            f"Expected claims of headline {name!r} with one kind and unit, and under one condition "
            "by one score with one margin. Received: "
            f"{', '.join(claim.id for claim in claims)}, which differ. Give those that ask "
            "something else another headline, or none."
        )


def margin_of_row(answers: Answers, name: str) -> float | None:
    """The smallest margin of a headline's claims; those with a wider one say so."""
    each = answers[name].values()
    margins = [claim.margin for pairs in each for _, claim in pairs if claim.margin is not None]
    return min(margins, default=None)
