"""The claims: what repeated batches add, to which nets, where it is lost, and what it costs."""

from bnreport.analysis.design import Judged, claim_form
from bnreport.analysis.ends import DEPLOYED, FRESH, SCORES
from bnreport.protocol.directions import Direction, Quantity, check, history, more
from bnreport.studies.second.memorization.runs import (
    BN,
    BN_LARGE,
    EPOCHS,
    IMAGES,
    LARGE,
    NETS_OF,
    SEEDS,
    SMALL,
    named,
    printed,
    rise,
    surplus,
    validated,
)

LAST = history("accuracy", EPOCHS)


def repeated(arm: str, quantity: Quantity = LAST) -> Direction:
    """Repeated batches are ahead of new ones."""
    return more(f"{arm}-repeated", arm, quantity)


def lost(by: str) -> Direction:
    """Repeated batches of 32 add more as printed than on training images by a score."""
    return repeated("bn-32").beyond(repeated("bn-32", check(f"known_{by}_train_accuracy")))


FIRST, NEW = "known from the first edition", "new"
WHEN = (
    f"After {EPOCHS} epochs of {IMAGES:,} images of Fashion-MNIST at a rate that falls to zero, "
    "tuned for each net on new batches, {}"
)
RUNNING = (
    "training accuracy of the last epoch as Keras prints it (running mean over the batches, each "
    "normalized by its own statistics)"
)
TWO_ORDERS = "with the batches of the first epoch in every epoch, in a new order, and with new ones"
claim = claim_form(
    "memorization",
    question="Does BN learn its batches by heart?",
    statement=WHEN,
    source="Wu and Johnson 2021 (arXiv 2105.07576), on information leakage within a batch: "
    "a net with BN can use what the batch tells beside the image; their examples are batches "
    "of one class and the heads of detectors, not repeated batches",
    metric=RUNNING,
    unit="pp",
    margin=0.5,
    seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
    decided="interval",
    expected="supported",
    known=FIRST,
)
WITHOUT_BN = {
    "standardized, 32": "std-32",
    "standardized, 128": "std-128",
    "layer norm, 32": "ln-32",
}
_BY_NAME = {arm.name: arm for arm in NETS_OF}


def _inference(by: str) -> Judged:
    """Claim that what repetition adds is lost in inference mode."""
    return claim(
        "2-inference" + (by == DEPLOYED) * f"-{DEPLOYED}",
        by=surplus(BN, by).contrast(),
        ahead=lost(by),
        label="Lost in inference" + (by == DEPLOYED) * f", {DEPLOYED}",
        statement="what repeated batches of 32 add to the printed training accuracy of a net with "
        f"BN is lost when the training images are scored in inference mode, {SCORES[by]}.",
        arms=f"BN in batches of {SMALL}, {TWO_ORDERS}",
        metric=f"gain from repeated batches in the {RUNNING}, less the same gain after the last "
        f"step on all {IMAGES:,} training images in inference mode",
        score=by,
    )


def _cost(by: str) -> Judged:
    """Claim that repeated batches cost a net with BN validation accuracy."""
    return claim(
        "2-cost" + (by == DEPLOYED) * f"-{DEPLOYED}",
        by=(-rise(BN, lambda trial: validated(trial, by))).contrast(),
        ahead=more("bn-32", "bn-32-repeated", check(f"end_{by}_val_accuracy")),
        label="Cost in validation" + (by == DEPLOYED) * f", {DEPLOYED}",
        statement=f"repeated batches of 32 cost a net with BN validation accuracy, {SCORES[by]}.",
        arms=f"BN in batches of {SMALL}, {TWO_ORDERS}; the difference is new less repeated",
        metric="validation accuracy after the last step, in inference mode",
        score=by,
        expected="underpowered",
    )


FAMILIES = (
    (
        claim(
            "2-bn-32",
            by=rise(BN).contrast(),
            ahead=repeated("bn-32"),
            label="Repeated batches of 32, BN",
            statement="a net with BN prints a higher training accuracy when the same batches of 32 "
            "come in every epoch than with new batches.",
            arms=f"BN in batches of {SMALL}, {TWO_ORDERS}",
        ),
        claim(
            "2-bn-128",
            by=rise(BN_LARGE).contrast(),
            ahead=repeated("bn-128"),
            label="Repeated batches of 128, BN",
            statement="a net with BN prints a higher training accuracy when the same batches of "
            "128 come in every epoch than with new batches.",
            arms=f"BN in batches of {LARGE}, {TWO_ORDERS}",
            known=NEW,
        ),
        claim(
            "2-size",
            by=(rise(BN) - rise(BN_LARGE)).contrast(),
            ahead=repeated("bn-32").beyond(repeated("bn-128")),
            label="More in batches of 32 than of 128",
            statement="repeated batches of 32 add more to the printed training accuracy of a net "
            "with BN than repeated batches of 128.",
            arms=f"BN in batches of {SMALL} and of {LARGE}, each {TWO_ORDERS}",
            known=NEW,
        ),
        claim(
            "2-none",
            by=lambda name: rise(_BY_NAME[name]).contrast(),
            ahead=repeated,
            in_each=WITHOUT_BN,
            kind="equivalence",
            label="Repeated batches, no BN",
            statement="nets without BN print the same training accuracy with repeated batches as "
            "with new ones, within half a point: on standardized inputs in batches of 32 and of "
            "128, and with layer normalization in batches of 32.",
            arms=f"nets without BN, {TWO_ORDERS}",
        ),
        claim(
            "2-order",
            by=(printed(named(BN, "replayed")) - printed(named(BN, "repeated"))).contrast(),
            ahead=more("bn-32-replayed", "bn-32-repeated", LAST),
            kind="equivalence",
            label="In the same order or another",
            statement="a net with BN prints the same training accuracy whether the same batches of "
            "32 come in the same order or in another one each epoch, within half a point.",
            arms=f"BN with the batches of {SMALL} of the first epoch in every epoch, in their "
            "order and in a new one",
        ),
        claim(
            "2-mates",
            by=surplus(BN, f"batch-{SMALL}").contrast(),
            ahead=lost("batch-32"),
            label="Lost among new batch-mates",
            statement="what repeated batches of 32 add to the printed training accuracy of a net "
            "with BN is lost when the training images are normalized in batches that did not "
            "train.",
            arms=f"BN in batches of {SMALL}, {TWO_ORDERS}",
            metric=f"gain from repeated batches in the {RUNNING}, less the same gain after the "
            f"last step on all {IMAGES:,} training images in other batches of {SMALL}",
        ),
        _inference(FRESH),
        _cost(FRESH),
    ),
    (_inference(DEPLOYED), _cost(DEPLOYED)),
)
