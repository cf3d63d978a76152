"""Who each claim predicts to be ahead, and in which numbers."""

from collections.abc import Callable, Mapping

from bnreport.directions import Direction, Directions, check, more, read, score
from bnreport.studies.regularization.claims import BY_SIZE
from bnreport.studies.regularization.runs import BATCH_SIZE, LEVEL, SIZES


def _by_size(direction: Callable[[int], Direction]) -> dict[str, Direction]:
    return {name: direction(images) for name, images in zip(BY_SIZE, SIZES, strict=True)}


def _matched(treated: tuple[str, ...], control: str) -> Direction:
    """The test accuracy of each, at the same training loss."""
    losses = read((*treated, control), check("train_loss"))
    return more(treated, control, check("test_accuracy"), "matched", LEVEL, beside=losses)


def _same(treated: str, control: str) -> dict[str, Direction]:
    return _by_size(lambda images: _matched((f"{treated}-{images}",), f"{control}-{images}"))


def _end(control: str) -> dict[str, Direction]:
    return _by_size(
        lambda images: more(f"bn-{images}", f"{control}-{images}", score("test", SIZES[images]))
    )


def _loss(control: str) -> dict[str, Direction]:
    """BN has the higher test loss, and so overfits."""

    def direction(images: int) -> Direction:
        last = SIZES[images] * images // BATCH_SIZE
        return more(f"bn-{images}", f"{control}-{images}", check("test_loss", last))

    return _by_size(direction)


DIRECTIONS: Mapping[str, Directions] = {
    "regularization-same-raw": _same("bn", "raw"),
    "regularization-same-std": _same("bn", "std"),
    "regularization-end-raw": _end("raw"),
    "regularization-end-std": _end("std"),
    "regularization-loss-raw": _loss("raw"),
    "regularization-loss-std": _loss("std"),
    "regularization-dropout": _same("dropout", "raw"),
    "regularization-ghosts": _matched(("ghost-8", "ghost-32"), "ghost-512"),
}
