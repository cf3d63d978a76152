"""What does Keras' batch normalization do, in every state and mode, on both backends?"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.design import claim_form, study
from bnreport.analysis.keras_facts import (
    BACKENDS,
    NAMES,
    error_values,
    fact_runs,
    on_both,
    right,
)
from bnreport.presentation.formats import number, scientific
from bnreport.presentation.plots import Matrix, Tile
from bnreport.presentation.tables import Table, Value
from bnreport.protocol.directions import Direction
from bnreport.protocol.facts import IMAGES, SIZES
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Exact
from bnreport.studies.third.keras import LATER

BOTH = " and ".join(BACKENDS.values())
# The inputs that the reference draws need a seed; all else is fixed.
RUNS = fact_runs(("switches", "numbers", "reference"), 100)

# The words of the tables: of states, of modes, of ways to call a layer and to freeze it late, and
# by group of each number and of what it means.
WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
STATES, MODES = WORDS["states"], WORDS["modes"]
# The momentum of a layer whose maker says nothing; a table shows what Keras says.
MOMENTUM = 0.99
# Where two backends may differ by rounding.
ROUNDING = 1e-5


def yes(records: Records, uses: Iterable[str], effect: str) -> NDArray[np.bool_]:
    """Say of each use whether it does something, on both backends, (uses, backends)."""
    return on_both(records, (f"{use}_{effect}" for use in uses)) >= 0.5


def count(broken: NDArray[np.bool_]) -> Exact:
    """Count where a claim is broken."""
    return Exact(float(broken.sum()), broken.size)


def uses(*names: str) -> Callable[[Records], Exact]:
    """Judge by the uses that normalize by the batch or move the averages."""
    return lambda records: count(yes(records, names, "batch") | yes(records, names, "moved"))


def compiled(records: Records) -> Exact:
    """Count the backends on which a layer that is frozen late does not train on."""
    refused, moved, learned = (
        yes(records, ["uncompiled_fit"], effect) for effect in ("refused", "moved", "learned")
    )
    return count(refused | ~moved | ~learned)


def parted(records: Records) -> Exact:
    """Count the switches and numbers on which the backends part by more than rounding."""
    one, other = on_both(records, (*NAMES["switches"], *NAMES["numbers"])).T
    return count(np.abs(one - other) > ROUNDING)


def distance(right: Mapping[str, float]) -> Callable[[Records], Exact]:
    """Judge by the largest distance of facts from the right numbers."""

    def largest(records: Records) -> Exact:
        errors = np.abs(on_both(records, right) - np.array([*right.values()])[:, None])
        return Exact(float(errors.max()), errors.size)

    return largest


def steps(size: int) -> int:
    """The batches of an epoch of Fashion-MNIST's training images; the last may be smaller."""
    return -(-IMAGES // size)


def left(size: int) -> float:
    """The weight of the initial value of a moving average after such an epoch."""
    return float(MOMENTUM ** steps(size))


def in_inference(*names: str) -> dict[str, Direction]:
    """Name uses that neither normalize by the batch nor move the averages."""
    return right({f"{name}_{effect}": 0.0 for name in names for effect in ("batch", "moved")})


LAYER = "Keras' documentation of BatchNormalization"
GUIDE = "Keras' guide to transfer learning and fine-tuning"
IOFFE = "Ioffe and Szegedy 2015 (arXiv 1502.03167)"
BROKEN = "that normalize by the batch or move the averages"
claim = claim_form(
    "keras",
    question="What does Keras do?",
    kind="exact",
    arms=f"Keras' BatchNormalization on {BOTH}",
    unit="",
    margin=0.0,
    seeds="100",
    expected="supported",
)
CLAIMS = (
    claim(
        "frozen",
        by=uses(*(f"{state}_{mode}" for state in ("frozen", "parent") for mode in MODES)),
        ahead=in_inference(
            *(f"{which}_{mode}" for which in ("frozen", "parent") for mode in MODES)
        ),
        label="a frozen layer",
        statement="A layer that is frozen, by itself or within a frozen model, is in inference "
        "mode whatever `training` says: it uses its moving averages and leaves them alone.",
        source=f"{LAYER}: setting trainable to False runs the layer in inference mode",
        metric=f"uses {BROKEN}, of calls with each value of `training`, of a fit and of an "
        "evaluation",
        unit="uses",
    ),
    claim(
        "thawed",
        by=uses("thawed_true", "thawed_fit"),
        ahead=in_inference("thawed_true", "thawed_fit"),
        label="a layer thawed in a frozen model",
        statement="A layer that is made trainable again within a frozen model stays in inference "
        "mode.",
        source=f"{LAYER}: setting trainable on a model sets it on all inner layers; it does not "
        "say what holds when they differ",
        metric=f"uses {BROKEN}, of a call with `training=True` and of a fit",
        unit="uses",
        expected="not supported",
    ),
    claim(
        "evaluation",
        by=uses(*(f"{s}_{mode}" for s in STATES for mode in MODES if mode not in {"true", "fit"})),
        ahead=in_inference(
            *(f"{state}_{mode}" for state in STATES for mode in ("none", "false", "evaluate"))
        ),
        label="evaluation",
        statement="Only training moves the averages: calls without `training=True` and "
        "evaluations leave them alone, trainable or not.",
        source=f"{LAYER}: inference mode is the default of a call",
        metric=f"uses {BROKEN}",
        unit="uses",
    ),
    claim(
        "told",
        by=uses("told-model_fit", "told-layer_fit"),
        ahead=in_inference("told-model_fit", "told-layer_fit"),
        label="training=False in a functional model",
        statement="A trainable layer that a functional model calls with `training=False` stays "
        "in inference mode when the model is fitted.",
        source=f"{GUIDE}: keep the layers in inference mode by passing training=False when "
        "calling the base model",
        metric=f"fits {BROKEN}; the layer alone, and within a model of its own",
        unit="fits",
        expected="not supported",
    ),
    claim(
        "method",
        by=uses("told-method_fit"),
        ahead=in_inference("told-method_fit"),
        label="training=False in a method",
        statement="A trainable layer that the `call` of a class calls with `training=False` "
        "stays in inference mode when the model is fitted.",
        source=f"{GUIDE}, as before; a class passes the argument itself",
        metric=f"fits {BROKEN}",
        unit="fits",
    ),
    claim(
        "compile",
        by=compiled,
        ahead=right({"uncompiled_fit_refused": 0.0})
        | right({f"uncompiled_fit_{effect}": 1.0 for effect in ("moved", "learned")}),
        label="freezing without compiling",
        statement="A layer that is frozen after its model was compiled trains on as before, "
        "until the model is compiled again.",
        source=f"{LAYER}: a changed trainable takes no effect until compile is called again",
        metric="fits that raise an error, or leave gamma, beta or the averages alone",
        unit="fits",
        expected="not supported",
    ),
    claim(
        "biased",
        by=distance({f"averages_variance-{inputs}": 1.25 for inputs in ("dense", "image")}),
        ahead=right({"averages_variance-dense": 5 / 4, "averages_variance-image": 5 / 4}),
        label="the variance that is kept",
        statement="The variance that Keras keeps is the biased one: it divides by the number of "
        "examples.",
        source=f"our own question: algorithm 2 of {IOFFE} corrects by m / (m - 1)",
        metric="largest distance of the kept variance of 1, 2, 3, 4 from 1.25, as features and "
        "as images",
        margin=1e-6,
    ),
    claim(
        "left",
        by=distance({f"left_after-{size}": left(size) for size in SIZES}),
        ahead=right({f"left_after-{size}": 0.99 ** -(-IMAGES // size) for size in SIZES}),
        label="the weight of the initial value",
        statement="There is no correction for the start: after k batches the initial value of a "
        "moving average weighs momentum to the power of k.",
        source=f"{LAYER}: the average is what it was times momentum, plus what the batch has times "
        "1 - momentum",
        metric="largest distance of the weight that is left from the power, after an epoch of "
        "Fashion-MNIST at each size of batches",
        margin=1e-5,
    ),
    claim(
        "one",
        by=lambda records: count(~yes(records, ["few"], "one-refused")),
        ahead=right({"few_one-refused": 1.0}),
        label="a batch of one",
        statement="Keras refuses to train on a batch of one example without further axes.",
        source="our own question: PyTorch refuses",
        metric="batches of one that are accepted",
        unit="batches",
        expected="not supported",
    ),
    claim(
        "backends",
        by=parted,
        ahead=right({fact: 0.0 for part in ("switches", "numbers") for fact in NAMES[part]}),
        label="both backends",
        statement=f"{BOTH} agree on every switch and number of this page.",
        source="our own question: Keras promises one layer on every backend",
        metric="facts that differ by more than 0.00001",
        unit="facts",
        expected="not supported",
    ),
    claim(
        "reference",
        by=distance(dict.fromkeys(NAMES["reference"], 0.0)),
        ahead=right(dict.fromkeys(NAMES["reference"], 0.0)),
        label="our NumPy and Keras",
        statement="Our reference in NumPy and Keras compute the same: forward, backward, "
        "inference and folding.",
        source="our own test of the formulas; what is left is the rounding of float32",
        metric="largest difference of a number, over batches of features and of images drawn "
        "at random",
        margin=1e-4,
    ),
)

# What a use means by what it does: the batch's statistics, the averages moved, gamma and beta.
MEANING: Mapping[tuple[bool, ...], str] = {
    (True, True, True): "training",
    (True, True, False): "the averages drift alone",
    (False, False, False): "inference",
    (False, False, True): "learns on fixed averages",
}
ODD = "neither training nor inference"
# The same of a fit whose statistics nobody asked for: the averages moved, gamma and beta.
FITTED: Mapping[tuple[bool, ...], str] = {(True, True): "training", (False, False): "inference"}
REFUSED = "error"
USED = ("batch", "moved", "learned")


def meanings(records: Records, use: str) -> list[str]:
    """The meanings of a use: one, or that on TensorFlow and that on JAX where they part."""
    late = f"{use}_refused" in NAMES["switches"]
    effects = ("refused", *USED[1:]) if late else USED
    does = zip(*(yes(records, [use], effect)[0].tolist() for effect in effects), strict=True)
    if not late:
        return list(dict.fromkeys(MEANING.get(on_one, ODD) for on_one in does))
    return list(
        dict.fromkeys(
            REFUSED if refused else FITTED.get((moved, learned), ODD)
            for refused, moved, learned in does
        )
    )


def legend(records: Records) -> Table:
    """Say what the words of the matrix mean, and how many variables a layer counts as trainable."""
    rows = [
        (
            SHORT.get(word, word),
            "the batch's" if batch else "the moving averages",
            "move" if moved else "stay",
            "learn" if learned else "stay",
        )
        for (batch, moved, learned), word in MEANING.items()
    ]
    counts = (
        f"{words[0].lower()}{words[1:]}: {' or '.join(_variables(records, state))}"
        for state, words in STATES.items()
    )
    return Table(
        "What the words in the tiles mean",
        ("word", "it normalizes by", "the averages", "γ and β"),
        (*rows, (REFUSED, "the fit ends with an error", "–", "–")),
        note=f"Trainable variables that the layer counts: {'; '.join(counts)}.",
        text=True,
    )


def _variables(records: Records, state: str) -> list[str]:
    uses = (f"{state}_{mode}_variables" for mode in MODES)
    return sorted({number(count, 0) for count in on_both(records, uses).flat})


# Numbers that are a yes or a no.
ANSWERS = ("refused", "finite", "single-variables", "half-output", "decayed")


def in_cell(name: str, value: float) -> str:
    """A number of a table, or a yes or a no."""
    if name.startswith(ANSWERS) or name.endswith(ANSWERS):
        return "yes" if value >= 0.5 else "no"
    if value == round(value, 3):
        return number(value, 3).rstrip("0").rstrip(".")
    return scientific(value) if abs(value) < 1e-3 else number(value, 4)


def numbers(group: str, records: Records) -> Table:
    """The numbers of a group, each with what it means."""
    words = WORDS["numbers"][group]
    rows = tuple(
        (named, *(in_cell(name, v) for v in on_both(records, [f"{group}_{name}"])[0]), meaning)
        for name, (named, meaning) in words["rows"].items()
    )
    return Table(
        words["caption"], ("what is asked", *BACKENDS.values(), "what it means"), rows, text=True
    )


def as_share(value: float) -> str:
    """A share of one as a percentage."""
    return f"{scientific(100 * value)}%" if value < 0.001 else f"{number(100 * value, 1)}%"


def initial(records: Records) -> Table:
    """Say what the initial value weighs, by size of batches."""
    rows = []
    for size in SIZES:
        (kept,) = on_both(records, [f"left_after-{size}"])
        rows.append((f"{size:,}", f"{steps(size):,}", *map(as_share, (left(size), *kept))))
    return Table(
        "What the initial value weighs after one epoch",
        ("batch size", "batches", "momentum to that power", *BACKENDS.values()),
        tuple(rows),
        note="An epoch of 55,000 images, momentum 0.99. Measured on a feature that never varies: "
        "its moving variance starts at 1 and goes to 0, so what is left is the weight.",
    )


def reference(records: Records) -> Table:
    """The largest difference of each quantity from the reference, over all inputs."""

    def worst(quantity: str) -> list[str]:
        names = [name for name in NAMES["reference"] if name.startswith(f"{quantity}_")]
        return [scientific(largest) for largest in on_both(records, names).max(axis=0)]

    return Table(
        "The largest differences between our NumPy and Keras",
        ("what is compared", *BACKENDS.values()),
        tuple((words, *worst(quantity)) for quantity, words in WORDS["reference"].items()),
        note="Keras computes in float32, the reference in float64. Over features, images with "
        "channels last, and (but for folding) images with channels first.",
    )


# What a use means, in the room of a tile.
SHORT = {"the averages drift alone": "drift", "learns on fixed averages": "inference, learns"}
# The mark of a tile that shows what nobody asked for.
DENIED = "✗"
BY_BATCH = {"training", "the averages drift alone"}
IN_INFERENCE = {"inference", "learns on fixed averages"}


def matrix(records: Records) -> Matrix:
    """Show what the layer does in every state and use; told or frozen late, it was only fitted."""
    return Matrix(
        title="What the layer does in every use",
        subtitle="Training: by the batch, and the averages move with gamma and beta; drift: "
        "the averages move alone. Inference: by the averages, which stay. "
        f"{DENIED} and orange: not what was asked for. {BOTH} agree unless a tile names two; "
        f"{next(iter(BACKENDS.values()))} is then the first",
        columns=tuple(name.replace("=", "=\n") for name in MODES.values()),
        rows=tuple(
            (words, tuple(tile(records, state, mode) for mode in MODES))
            for state, words in (STATES | WORDS["drawn"]).items()
        ),
    )


def tile(records: Records, state: str, mode: str) -> Tile | None:
    """Show what a use means on all backends, and whether that was asked for."""
    if state in WORDS["drawn"] and mode != "fit":
        return None
    means = meanings(records, f"{state}_{mode}")
    wanted = {"training", "inference"} if mode == "fit" else BY_BATCH | IN_INFERENCE
    if state in {"frozen", "parent", *WORDS["drawn"]}:
        wanted = IN_INFERENCE
    text = " or ".join(SHORT.get(word, word) for word in means)
    if not {*means} <= wanted:
        return Tile(f"{DENIED} {text}", "raw")
    return Tile(text, "bn" if {*means} <= BY_BATCH else "neutral")


def values(records: Records) -> dict[str, Value]:
    """The numbers of prose: those of the claims, versions, and two answers."""
    shown = error_values(CLAIMS, records)
    trained = [record.provenance for runs in RUNS for record in records.trial(runs.trial.name)]
    for library in ("keras", "tensorflow", "jax"):
        known = sorted({p.versions[library] for p in trained if library in p.versions})
        shown[library] = Value(", ".join(known) or "unknown", "the version that was recorded")
    half = "does not overflow" if yes(records, ["half"], "finite").all() else "overflows"
    both = (on_both(records, ["other_decayed-gamma", "other_decayed-beta"]) >= 0.5).all()
    decays = "shrinks gamma and beta" if both else "does not shrink both gamma and beta"
    named = {"half": half, "decays": decays}
    return shown | {name: Value(words, "both backends") for name, words in named.items()}


STUDY = study(
    "keras",
    CLAIMS,
    RUNS,
    title="What Keras does",
    chapter="Facts",
    question="What does Keras' batch normalization do, in every state and mode?",
    later=LATER,
    values=values,
    tables={
        "meanings": legend,
        "left": initial,
        "reference": reference,
        **{group: partial(numbers, group) for group in WORDS["numbers"]},
    },
    plots={"uses": matrix},
    code=(
        "protocol/facts.py",
        *(f"training/facts/{name}.py" for name in "ask differences layer numbers switches".split()),
        "reference.py",
    ),
)
