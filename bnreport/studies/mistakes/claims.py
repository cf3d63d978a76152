"""The claims: what each mistake costs each of the two nets, and what printed numbers hide."""

from typing import Any

from bnreport.analysis.design import Judged, claim_form
from bnreport.analysis.ends import DEPLOYED, FRESH, SCORES
from bnreport.protocol.directions import Direction, check, history, read
from bnreport.protocol.nets import NETS
from bnreport.studies.mistakes.runs import EPOCHS, PAIRED, bar, cost, printed
from bnreport.studies.mistakes.runs import FRESH as ALL

OURS = "our own question"
BARS = (
    "keras-team/keras issue 20212 (github.com): what is printed is not what History and CSVLogger "
    "hold"
)
DONE = {
    "undivided": "on pixels from 0 to 255",
    "softmax": "with a softmax in the net and another one in its loss",
    "sorted": "on images that are sorted by class and never shuffled",
}
LABELS = {"undivided": "Pixels not divided", "softmax": "Softmax twice", "sorted": "Sorted"}
claim = claim_form(
    "mistakes",
    question="What do common mistakes do to a net with BN, and to the curve that it prints?",
    source=OURS,
    metric=f"validation accuracy in inference mode after {EPOCHS} epochs, rate 0.01, batches of 32",
    unit="pp",
    seeds=f"{PAIRED[0]}-{PAIRED[-1]}",
    decided="interval",
    known="new",
)


def accuracy(net: str, story: str, by: str) -> Any:
    """The readings of an accuracy at the end."""
    return read(f"{net}-{story}", check(f"end_{by}_val_accuracy"))


def costs(net: str, mistake: str, by: str, **own: Any) -> Judged:
    """Claim that a mistake costs a net accuracy, or that it does not.

    Args:
        net: "baseline" or "bn".
        mistake: the mistake.
        by: the score.
        own: what the claim has of its own: margin, expected, and what follows in its statement.
    """
    end, after = {"bn": f", {SCORES[by]}", "baseline": ""}[net], own.pop("after")
    words = {"bn": "BN net", "baseline": "baseline"}[net]
    deployed = by == DEPLOYED
    return claim(
        f"{mistake}-{net}" + deployed * f"-{DEPLOYED}",
        cost(net, mistake, by).contrast(),
        Direction(accuracy(net, "fresh", by), accuracy(net, mistake, by)),
        label=f"{LABELS[mistake]}, {words}" + deployed * f", {DEPLOYED}",
        statement=f"Trained for ten epochs {DONE[mistake]}, the notebook's {words} {after} "
        f"on Fashion-MNIST{end}.",
        arms=f"{words}, without the mistake minus with it",
        score=by if net == "bn" else "",
        **own,
    )


WORSE: dict[str, Any] = {
    "after": "is less accurate than without that mistake",
    "expected": "supported",
}
# Half a point everywhere but where a net is useless.
USELESS = 20.0


def of_bn(by: str) -> tuple[Judged, ...]:
    """The claims on the net with BN, by a score."""
    return (
        costs(
            "bn",
            "undivided",
            by,
            kind="equivalence",
            margin=0.5,
            after="is as accurate within half a point as on pixels from 0 to 1",
            expected="supported",
        ),
        costs("bn", "softmax", by, margin=0.5, **WORSE),
        costs("bn", "sorted", by, margin=USELESS, **WORSE),
    )


TWICE = {by: of_bn(by) for by in (FRESH, DEPLOYED)}
ONCE = (
    costs("baseline", "undivided", FRESH, margin=0.5, **WORSE),
    costs("baseline", "softmax", FRESH, margin=0.5, **WORSE),
    costs("baseline", "sorted", FRESH, margin=USELESS, **WORSE),
    claim(
        "sorted-prints",
        (
            printed("baseline", "sorted", "accuracy") - printed("baseline", "fresh", "accuracy")
        ).contrast(),
        Direction(
            read("baseline-sorted", history("accuracy", EPOCHS)),
            read("baseline-fresh", history("accuracy", EPOCHS)),
        ),
        label="Sorted, as printed",
        statement="On images that are sorted by class and never shuffled, the notebook's baseline "
        f"prints a higher training accuracy in epoch {EPOCHS} on Fashion-MNIST than on images that "
        "are shuffled.",
        arms="baseline, sorted minus shuffled",
        metric=f"training accuracy as Keras prints it in epoch {EPOCHS}: the mean over its batches",
        margin=5.0,
        expected="supported",
    ),
    claim(
        "bar",
        lambda net: bar(net, 1).contrast(),
        lambda net: Direction(
            read(f"{net}-fresh", history("accuracy", 1)),
            read(f"{net}-fresh", history("bar_accuracy", 1)),
        ),
        in_each={net: net for net in NETS},
        label="The progress bar",
        statement="In the first epoch of both of the notebook's nets the progress bar of Keras 3.8 "
        "to 3.10, a mean of running means, prints a lower training accuracy on Fashion-MNIST than "
        "History holds.",
        source=BARS,
        arms="History minus progress bar, one run",
        metric="training accuracy of epoch 1",
        seeds=f"{ALL[0]}-{ALL[-1]}",
        margin=2.0,
        expected="supported",
    ),
)
CLAIMS = (*TWICE[FRESH], *ONCE, *TWICE[DEPLOYED])
FAMILIES = ((*TWICE[FRESH], *ONCE), TWICE[DEPLOYED])
