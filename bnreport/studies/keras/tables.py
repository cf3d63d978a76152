"""The tables of the page: the truth table and the numbers, each row with what it means."""

from collections.abc import Mapping

from bnreport.presentation.formats import number, scientific
from bnreport.presentation.tables import Table
from bnreport.protocol.facts import COMPARED, FOLDED, SIZES
from bnreport.records.collection import Records
from bnreport.studies.keras.estimates import found, left, steps, yes
from bnreport.studies.keras.runs import BACKENDS, REFERENCE

STATES = {
    "trainable": "A trainable layer",
    "frozen": "A frozen layer",
    "parent": "A layer in a frozen model",
    "thawed": "A layer made trainable again in a frozen model",
}
MODES = {
    "none": "layer(x)",
    "false": "training=False",
    "true": "training=True",
    "fit": "fit",
    "evaluate": "evaluate",
}
LATE = {"uncompiled": "not compiled again", "recompiled": "compiled again"}
TOLD = {
    "told-model": "base(x, training=False), functional",
    "told-layer": "layer(x, training=False), functional",
    "told-method": "layer(x, training=False) in a method",
}
# What a use means by what it does: the batch's statistics, the averages moved, gamma and beta.
MEANING: Mapping[tuple[bool, bool, bool], str] = {
    (True, True, True): "training",
    (True, True, False): "the averages drift alone",
    (False, False, False): "inference",
    (False, False, True): "learns on fixed averages",
}
ODD = "neither training nor inference"

# By group, the words of each number and what it means for a user.
ROWS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "defaults": {
        "axis": ("axis", "the last axis holds the features"),
        "momentum": ("momentum", "the weight of what was, not of what is new"),
        "epsilon": ("epsilon", "added to the variance"),
        "gamma": ("initial gamma", "the layer starts as a plain normalization"),
        "beta": ("initial beta", "the same"),
        "moving-mean": ("initial moving mean", "what inference uses before any training"),
        "moving-variance": ("initial moving variance", "the same"),
    },
    "order": {
        "gamma": ("place of gamma", "counted from 0 in get_weights"),
        "beta": ("place of beta", "without a scale everything moves up by one"),
        "moving-mean": ("place of the moving mean", "folding needs the order"),
        "moving-variance": ("place of the moving variance", "a variance, not a deviation"),
    },
    "counts": {
        "all-trainable": ("trained by gradients", "gamma and beta, of 5 features"),
        "all-non-trainable": ("kept beside them", "the moving averages"),
        "no-scale-trainable": ("trained, scale=False", "beta alone"),
        "no-scale-non-trainable": ("kept, scale=False", "the averages stay"),
        "no-center-trainable": ("trained, center=False", "gamma alone"),
        "no-center-non-trainable": ("kept, center=False", "the averages stay"),
        "renorm-trainable": ("trained, renorm=True", "the same as without"),
        "renorm-non-trainable": ("kept, renorm=True", "batch renormalization keeps more"),
    },
    "averages": {
        "variance-dense": ("kept variance of 1, 2, 3, 4", "biased is 1.25, unbiased 1.67"),
        "variance-image": ("the same four as an image", "no other rule for images"),
        "new-weight": ("weight of a batch, momentum 0.9", "1 − momentum"),
    },
    "few": {
        "one-refused": ("refuses a batch of one", "a no means: it trains in silence"),
        "one-beta": ("its output, off beta", "0 means: the input is lost"),
        "one-variance": ("the variance of it", "0 means: the kept variance shrinks"),
        "constant-beta": ("a constant feature, off beta", "0 means: beta, and no division by 0"),
        "two-far": ("two examples, 10 apart", "nearly 1: only their order is left"),
        "two-near": ("two examples, 0.01 apart", "far from 1: epsilon rules"),
        "untrained": ("inference of 1, untrained", "nearly 1: the layer does next to nothing"),
    },
    "epsilon": {
        "inside": ("off, epsilon inside the root", "0 means: that is Keras' formula"),
        "outside": ("off, epsilon outside the root", "what the other formula would differ by"),
    },
    "axis": {
        "last-features": ("features, axis −1", "3 channels first, 5 by 7: the width, in silence"),
        "first-features": ("features, axis 1", "the channels, as they should be"),
        "negative-features": ("features, axis −3", "counted from the end"),
        "list-refused": ("refuses a list", "one axis only"),
        "list-of-one-refused": ("refuses a list of one", "the same"),
        "outside-refused": ("refuses an axis beyond", "a yes means: an error, not a guess"),
    },
    "mask": {
        "statistics": ("masked statistics, off", "0 means: padding does not count"),
        "padding": ("padding in the output, off", "0 means: padding is normalized, too"),
        "same-rank-refused": ("refuses a mask of equal rank", "a mask has one axis less"),
        "one-feature-refused": ("refuses a mask, one feature", "an error of the squeezed mean"),
        "flows": ("mask of an earlier layer, off", "0 means: it arrives by itself"),
    },
    "renorm": {
        "refused": ("refuses renorm", "a no means: batch renormalization is there"),
        "first": ("renorm, first batch, off its input", "0 means: it starts as no layer at all"),
    },
    "half": {
        "finite": ("300 squared in half precision", "a yes means: no overflow inside"),
        "single-variables": ("keeps float32 variables", "the averages do not lose digits"),
        "half-output": ("answers in half precision", "the next layer gets what it expects"),
    },
    "other": {
        "synchronized-refused": ("refuses synchronized", "one mean for all devices"),
        "decayed-gamma": ("AdamW decays gamma", "a yes means: exclude it by hand"),
        "decayed-beta": ("AdamW decays beta", "the same"),
    },
}
ANSWERS = ("refused", "finite", "single-variables", "half-output", "decayed")
REFERENCES = {
    "output": "output in training",
    "x": "gradient by the inputs",
    "gamma": "gradient by gamma",
    "beta": "gradient by beta",
    "mean": "moving mean",
    "variance": "moving variance",
    "inference": "output in inference",
    "previous": "folded into the layer before",
    "next": "folded into the layer after",
}


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    numbers = {name: _numbers(records, name) for name in ROWS}
    return {
        **{state: _switches(records, state) for state in STATES},
        "late": _late(records),
        "told": _told(records),
        "left": _left(records),
        "reference": _reference(records),
        **numbers,
    }


def _either(records: Records, fact: str, words: Mapping[bool, str]) -> str:
    """A yes or a no in words; both backends are named where they part."""
    told = {
        name: words[yes(found(records, "switches", backend, fact))]
        for backend, name in BACKENDS.items()
    }
    if len(set(told.values())) == 1:
        return told.popitem()[1]
    return "; ".join(f"{word} ({name})" for name, word in told.items())


YES = {True: "yes", False: "no"}


def _use(records: Records, use: str) -> tuple[str, str, str, str]:
    """What one use does, and what it means."""
    cells = (
        _either(records, f"{use}_batch", {True: "batch", False: "moving"}),
        _either(records, f"{use}_moved", {True: "move", False: "stay"}),
        _either(records, f"{use}_learned", {True: "learn", False: "stay"}),
    )
    return (*cells, "; ".join(meanings(records, use)))


def meanings(records: Records, use: str) -> list[str]:
    """What one use means, on each backend that differs from the other."""
    means = {
        MEANING.get(
            (
                yes(found(records, "switches", backend, f"{use}_batch")),
                yes(found(records, "switches", backend, f"{use}_moved")),
                yes(found(records, "switches", backend, f"{use}_learned")),
            ),
            ODD,
        )
        for backend in BACKENDS
    }
    return sorted(means)


DONE = ("statistics", "averages", "γ and β", "that is")


def _switches(records: Records, state: str) -> Table:
    counts = {
        number(found(records, "switches", backend, f"{state}_{mode}_variables"), 0)
        for backend in BACKENDS
        for mode in MODES
    }
    return Table(
        STATES[state],
        ("use", *DONE),
        tuple((call, *_use(records, f"{state}_{mode}")) for mode, call in MODES.items()),
        note=f"The layer counts {' or '.join(sorted(counts))} trainable variables.",
        text=True,
    )


def _late(records: Records) -> Table:
    rows = tuple(
        (
            words,
            _either(records, f"{when}_fit_refused", {True: "an error", False: "runs"}),
            _either(records, f"{when}_fit_moved", {True: "move", False: "stay"}),
            _either(records, f"{when}_fit_learned", {True: "learn", False: "stay"}),
        )
        for when, words in LATE.items()
    )
    return Table(
        "A layer frozen after a first fit: the second fit",
        ("the model was", "the fit", *DONE[1:3]),
        rows,
        note="Where the fit ends in an error, nothing is said of the averages, gamma and beta.",
        text=True,
    )


def _told(records: Records) -> Table:
    return Table(
        "A trainable layer that is told training=False, in a fit",
        ("how it is called", *DONE),
        tuple((words, *_use(records, f"{how}_fit")) for how, words in TOLD.items()),
        text=True,
    )


def _numbers(records: Records, group: str) -> Table:
    rows = []
    for name, (words, meaning) in ROWS[group].items():
        values = [_cell(name, found(records, "numbers", b, f"{group}_{name}")) for b in BACKENDS]
        rows.append((words, *values, meaning))
    return Table(CAPTIONS[group], ("", *BACKENDS.values(), "what it means"), tuple(rows), text=True)


CAPTIONS = {
    "defaults": "What a new layer holds",
    "order": "The order of the weights",
    "counts": "How many numbers 5 features need",
    "averages": "What the averages keep",
    "few": "Few examples, and constant ones",
    "epsilon": "Where epsilon stands, at a variance of 0.0001",
    "axis": "Which axis holds the features",
    "mask": "Padding",
    "renorm": "Batch renormalization",
    "half": "Half precision",
    "other": "Other switches",
}


def _cell(name: str, value: float) -> str:
    if any(name.endswith(word) or name.startswith(word) for word in ANSWERS):
        return YES[yes(value)]
    if value == round(value, 3):
        return number(value, 3).rstrip("0").rstrip(".")
    return scientific(value) if abs(value) < 1e-3 else number(value, 4)


def _left(records: Records) -> Table:
    rows = []
    for size in SIZES:
        kept = [found(records, "numbers", backend, f"left_after-{size}") for backend in BACKENDS]
        cells = (share(value) for value in (left(size), *kept))
        rows.append((f"{size:,}", f"{steps(size):,}", *cells))
    return Table(
        "What the initial value weighs after one epoch",
        ("batch size", "batches", "momentum to that power", *BACKENDS.values()),
        tuple(rows),
        note="An epoch of 55,000 images, momentum 0.99. Measured on a feature that never varies: "
        "its moving variance starts at 1 and goes to 0, so what is left is the weight.",
    )


def share(value: float) -> str:
    """A share of one as a percentage."""
    return f"{scientific(100 * value)}%" if value < 0.001 else f"{number(100 * value, 1)}%"


def _reference(records: Records) -> Table:
    def worst(what: str, backend: str) -> str:
        names = [name for name in REFERENCE if name.startswith(f"{what}_")]
        return scientific(max(found(records, "reference", backend, name) for name in names))

    return Table(
        "The largest differences between our NumPy and Keras",
        ("", *BACKENDS.values()),
        tuple(
            (REFERENCES[what], *(worst(what, backend) for backend in BACKENDS))
            for what in (*COMPARED, *FOLDED)
        ),
        note="Keras computes in float32, the reference in float64. Over features, images with "
        "channels last, and (but for folding) images with channels first.",
    )
