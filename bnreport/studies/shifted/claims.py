"""The claims on batches of one class, on changed images, and on two kinds in one layer."""

from typing import Any

from bnreport.analysis.design import claim_form
from bnreport.protocol.directions import Direction, check, history, read
from bnreport.studies.shifted.runs import (
    BATCH,
    EPOCHS,
    IMAGES,
    KIND_NAMES,
    LABELS,
    LN,
    MILD,
    NET,
    RATE,
    SCORED,
    SORTED,
    STD,
    STEPS,
    ahead,
    printed,
    scored,
)

METRIC = (
    f"validation accuracy after {EPOCHS} epochs of {IMAGES:,} images in batches of {BATCH}, plain "
    "gradient descent at a rate that falls to zero{}"
)
AFTER = f"After {EPOCHS} epochs of Fashion-MNIST"
OURS = "our own question"
claim = claim_form(
    "shifted",
    metric=METRIC,
    unit="pp",
    decided="interval",
    expected="supported",
    known="new",
    seeds="200-247",
)
ONE_CLASS = "What does BN learn in batches of one class each?"
OTHER_IMAGES = "Do statistics of changed images help a net that has not trained on them?"
TWO_KINDS = "Can one layer serve two kinds of images?"
BY = {"fresh": "fresh statistics of training images", "deployed": "moving averages"}


def _twins(by: str) -> tuple[Any, ...]:
    """The claims that are judged by both kinds of statistics that inference can use."""
    end = "" if by == "fresh" else f"-{by}"
    words = BY[by]
    return (
        claim(
            f"printed{end}",
            by=(printed(NET) - scored(NET, by)).contrast(),
            ahead=Direction(
                read(NET, history("accuracy", EPOCHS)),
                read(NET, check(f"end_{by}_val_accuracy", STEPS[NET])),
            ),
            about=", at the best of seven rates; and training accuracy over the last epoch",
            question=ONE_CLASS,
            source="Wu and Johnson 2021 (arXiv 2105.07576), on information leakage within a batch: "
            "nets with BN learn to use what the batch tells beside the image",
            seeds="200-211",
            margin=10.0,
            score=by,
            label="Printed over validation" if by == "fresh" else "Printed over deployed",
            statement=f"{AFTER} in batches of one class each, a BN net prints a higher training "
            f"accuracy than it has on validation images by {words}.",
            arms=f"training accuracy of the last epoch minus validation accuracy by {words}, one "
            "net",
        ),
        claim(
            f"others{end}",
            by=lambda arm: (scored(arm, by) - scored(NET, by)).contrast(),
            ahead=lambda arm: ahead((arm, by, "end"), (NET, by, "end")),
            in_each={"LN": SORTED[LN].name, "standardized": SORTED[STD].name},
            about=", each net at the best of seven rates",
            question=ONE_CLASS,
            source=OURS,
            seeds="200-211",
            margin=10.0,
            score=by,
            label="Others over BN" if by == "fresh" else "Others over BN, deployed",
            statement=f"{AFTER} in batches of one class each, nets with LN and with standardized "
            f"inputs are more accurate than a BN net by {words}, each at its best rate.",
            arms=f"LN, and standardized inputs without normalizer, minus BN by {words}",
        ),
        claim(
            f"own{end}",
            by=lambda kind: (scored("bn", "own", kind) - scored("bn", by, kind)).contrast(),
            ahead=lambda kind: ahead(("bn", "own", kind), ("bn", by, kind)),
            in_each={LABELS[kind]: kind for kind in MILD},
            about=f" from {RATE:g}, on {SCORED:,} images that are changed",
            question=OTHER_IMAGES,
            source="Schneider et al. 2020 (arXiv 2006.16971): statistics of the corrupted images "
            "lower the error of all 25 nets that they try",
            # A point is less than 48 seeds tell from nothing on dim images: see the pilot.
            margin=2.5,
            score=by,
            expected="not supported",
            label="Own statistics" if by == "fresh" else "Own over deployed",
            statement=f"{AFTER}, a BN net is more accurate on noisy, dim and blurred images by "
            f"statistics of all these images than by {words}.",
            arms=f"statistics of the changed images minus {words}, one net",
        ),
        claim(
            f"inverted{end}",
            by=(scored("bn", by, "inversion") - scored("bn", "own", "inversion")).contrast(),
            ahead=ahead(("bn", by, "inversion"), ("bn", "own", "inversion")),
            about=f" from {RATE:g}, on {SCORED:,} images that are inverted",
            question=OTHER_IMAGES,
            source=OURS,
            margin=1.0,
            score=by,
            label="Own statistics, inverted" if by == "fresh" else "Inverted, deployed",
            statement=f"{AFTER}, a BN net is less accurate on inverted images by statistics of all "
            f"these images than by {words}.",
            arms=f"{words} minus statistics of the inverted images, one net",
        ),
    )


CLAIMS = (
    *_twins("fresh"),
    claim(
        "repaired",
        by=(scored(NET, "fresh") - scored(NET, "deployed")).contrast(),
        ahead=ahead((NET, "fresh", "end"), (NET, "deployed", "end")),
        about=", at the best of seven rates",
        question=ONE_CLASS,
        source=OURS,
        seeds="200-211",
        margin=10.0,
        expected="not supported",
        label="Recalibration",
        statement=f"{AFTER} in batches of one class each, a BN net is more accurate by fresh "
        "statistics of mixed training images than by its moving averages.",
        arms="fresh statistics minus moving averages, one net",
    ),
    claim(
        "class",
        by=lambda kind: (scored("bn", "batch-8", kind) - scored("bn", "class-8", kind)).contrast(),
        ahead=lambda kind: ahead(("bn", "batch-8", kind), ("bn", "class-8", kind)),
        in_each={LABELS[kind]: kind for kind in MILD},
        about=f" from {RATE:g}, on {SCORED:,} images that are changed",
        question=OTHER_IMAGES,
        source=OURS,
        margin=10.0,
        label="Mixed batches of 8",
        statement=f"{AFTER}, a BN net that normalizes noisy, dim or blurred images by their own "
        "batch of 8 is more accurate if batches are mixed than if images are sorted by class.",
        arms="statistics of mixed batches of 8 minus statistics of batches of 8 sorted by class, "
        "one net",
    ),
    claim(
        "domains",
        by=lambda kind: (
            scored("bn-batches", "own", kind) - scored("bn-batches", "deployed", kind)
        ).contrast(),
        ahead=lambda kind: ahead(("bn-batches", "own", kind), ("bn-batches", "deployed", kind)),
        in_each=KIND_NAMES,
        about=f" from {RATE:g}, on either kind of images",
        question=TWO_KINDS,
        source="Wu and Johnson 2021 (arXiv 2105.07576), on batches from several domains: "
        "layers that are shared, with statistics of each domain",
        # A point is less than 48 seeds tell from nothing: see the pilot.
        margin=3.5,
        label="Statistics of each kind",
        statement=f"{AFTER} in which batches of images as they are and batches of inverted ones "
        "take turns, a BN net is more accurate on either kind by statistics of that kind than by "
        "its moving averages.",
        arms="statistics of one kind of validation images minus moving averages of both, one net",
    ),
    claim(
        "mixed",
        by=lambda kind: (
            scored("bn-images", "deployed", kind) - scored("bn-batches", "own", kind)
        ).contrast(),
        ahead=lambda kind: ahead(("bn-images", "deployed", kind), ("bn-batches", "own", kind)),
        in_each=KIND_NAMES,
        about=f" from {RATE:g}, on either kind of images",
        question=TWO_KINDS,
        source=OURS,
        kind="equivalence",
        margin=0.5,
        label="Both kinds in a batch",
        statement=f"{AFTER} with images as they are and inverted ones in every batch, a BN net is "
        "as accurate by its moving averages as one whose batches took turns is by statistics of "
        "each kind, within 0.5 points.",
        arms="both kinds in every batch, by moving averages, minus batches that take turns, by "
        "statistics of each kind",
    ),
    *_twins("deployed"),
)
FAMILIES = tuple(
    tuple(each.claim.id for each in CLAIMS if each.claim.id.endswith("-deployed") == deployed)
    for deployed in (False, True)
)
