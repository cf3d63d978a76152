"""The facts of Keras by name: what runs find and pages show, by part and group.

`training.facts` has a function for each group, which finds the facts of these names and no others.
"""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import NamedTuple

# States of a layer, and ways to use it: "none", "false" and "true" are values of `training`.
STATES = ("trainable", "frozen", "parent", "thawed")
MODES = ("none", "false", "true", "fit", "evaluate")
# Compiled or not after the layer was frozen; ways to call a layer that is then fitted.
LATE = ("uncompiled", "recompiled")
TOLD = ("told-model", "told-layer", "told-method")
# Fashion-MNIST's training images, and sizes of batches.
IMAGES, SIZES = 55_000, (32, 64, 128, 256, 512, 1024, 2048, 4096)
# Compared with the reference in NumPy, and layers into which it folds BN.
COMPARED = ("output", "x", "gamma", "beta", "mean", "variance", "inference")
FOLDED = ("previous", "next")

# Nets that meet a spoiled batch, and those of them with BN; ways to train, by what spoils a batch.
NETS = ("none", "layer", "batch", "frozen")
AVERAGED = ("batch", "frozen")
WAYS = ("plain", "clipped", "scaled", "skipped", "dropped")
SPOILED = {"nan": WAYS, "infinity": ("plain", "scaled"), "overflow": ("plain", "scaled")}
# Good images that a net answers afterwards.
ANSWERED = 64
LEARNED = ("weights", "later", "lost", "answers", "same")

# Nets that are tuned, how their BN is to infer, and what is compared with the net called plainly.
TUNED = ("dense", "image", "nested", "alone", "thawed")
INFERRED = ("told", "frozen")
PARTED = ("weights", "averages", "losses", "answers", "largest")


class Linger(NamedTuple):
    """The batch and the values of a large pixel, and how near an average then has to come."""

    size: int
    pixels: tuple[int, ...]
    within: float


LINGER = Linger(32, (10, 100, 1_000, 10_000), 0.1)


def _each(*words: Iterable[str]) -> tuple[str, ...]:
    return tuple("_".join(chosen) for chosen in product(*words))


def _group(name: str, facts: str) -> tuple[str, ...]:
    return _each([name], facts.split())


# By part, each in a process of its own, and by group.
FACTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "switches": {
        "used": _each(STATES, MODES, ("batch", "moved", "learned", "variables")),
        "compiled": _each(LATE, ["fit"], ("refused", "moved", "learned")),
        "told": _each(TOLD, ["fit"], ("batch", "moved", "learned")),
    },
    "numbers": {
        name: _group(name, facts)
        for name, facts in {
            "defaults": "axis momentum epsilon gamma beta moving-mean moving-variance",
            "order": "gamma beta moving-mean moving-variance",
            "counts": "all-trainable all-non-trainable no-scale-trainable no-scale-non-trainable "
            "no-center-trainable no-center-non-trainable renorm-trainable renorm-non-trainable",
            "averages": "variance-dense variance-image new-weight",
            "left": " ".join(f"after-{size}" for size in SIZES),
            "few": "one-refused one-beta one-variance constant-beta two-far two-near untrained",
            "epsilon": "inside outside",
            "axis": "last-features first-features negative-features list-refused "
            "list-of-one-refused outside-refused",
            "mask": "statistics padding same-rank-refused one-feature-refused flows",
            "renorm": "refused first",
            "half": "finite single-variables half-output",
            "other": "synchronized-refused decayed-gamma decayed-beta",
        }.items()
    },
    # By inputs: features, images, and images with channels first, which nothing is folded for.
    "reference": {
        "dense": _each((*COMPARED, *FOLDED), ["dense"]),
        "image": _each((*COMPARED, *FOLDED), ["image"]),
        "first": _each(COMPARED, ["first"]),
    },
    "spoiled": {
        "mates": _each(["mates"], ("inference", "training"), NETS),
        **{
            value: (
                *_each([value], ways, NETS, LEARNED),
                *_each([value], ways, AVERAGED, ["averages"]),
            )
            for value, ways in SPOILED.items()
        },
        "stays": _group("stays", "found batches momentum zero zero-off zero-answers"),
        "scale": _group("scale", "weights moved averages"),
        "lingers": _each(["lingers"], map(str, LINGER.pixels)),
    },
    "tuned": {
        net: (*_each([net], INFERRED, (*PARTED, "moved")), f"{net}_numbers") for net in TUNED
    },
}
