"""Train BN in batches of 2 to 128 images, each net at its own best rate for each size.

The second edition: the rate is tuned for each net and size, and falls to zero. Nets with BN are
scored by fresh statistics, by Keras' moving averages, and by plain means of the statistics of
batches as large as those that trained.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import Judged, claim_form, study
from bnreport.analysis.ends import DEPLOYED, FRESH, SCORES, ahead, comparison, ended
from bnreport.analysis.findings import at_least, means, reach
from bnreport.analysis.grids import Sweep
from bnreport.analysis.metrics import unjudged
from bnreport.analysis.tuning import GRID, TunedRecipes
from bnreport.presentation import Curves, Table, Value
from bnreport.presentation.plots import Panel
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring
from bnreport.records.collection import Records

ARMS = {arm.name: arm for arm in usual("raw", "std", "bn", "ln", "gn")}
IMAGES, EPOCHS = 20_480, 2
# What a pilot of ten seeds asked for to tell half a point from nothing in batches of four or more.
# In those of two no number of seeds does; there the pilot lost almost forty times as much.
SEEDS = tuple(range(200, 224))
MEANS = "means"
# Small batches take many steps, and want small rates: all nets of a size try the same. With two
# images BN did best at the smallest of seven, so that all nets got two more.
RANGE = (0.0001, 0.0003, 0.001, 0.003, *GRID[1:], 10.0)
GRIDS = {2: RANGE[:9], 4: RANGE[2:9], 8: GRID, 16: GRID, 32: GRID, 128: RANGE[4:]}
# What the tuning runs choose, by batch size; groups are asked about at two images alone.
RATES: Mapping[int, Mapping[str, float]] = {
    2: {"raw": 0.01, "std": 0.01, "bn": 0.001, "ln": 0.01, "gn": 0.03},
    4: {"raw": 0.03, "std": 0.03, "bn": 0.03, "ln": 0.03},
    8: {"raw": 0.1, "std": 0.03, "bn": 0.1, "ln": 0.1},
    16: {"raw": 0.1, "std": 0.1, "bn": 0.3, "ln": 0.1},
    32: {"raw": 0.3, "std": 0.1, "bn": 0.3, "ln": 0.1},
    128: {"raw": 0.3, "std": 0.3, "bn": 1.0, "ln": 0.3},
}
SIZES = tuple(RATES)


def named(arm: str, size: int) -> str:
    """The name of a trial that judges."""
    return f"{arm}-{size}"


def _at(arm: str, size: int) -> Arm:
    return ARMS[arm].variant(named(arm, size), fields={"batch_size": size})


NETS = {
    size: TunedRecipes(
        {_at(arm, size): rate for arm, rate in rates.items()},
        GRIDS[size],
        setting={"images": IMAGES, "epochs": EPOCHS, "schedule": LINEAR, "evaluated": ()},
        tuning={"measures": (Scoring(name="end", by=(FRESH,)),)},
        judged={"measures": (Scoring(name="end", by=(DEPLOYED, FRESH, MEANS)),)},
        full=SEEDS,
    )
    for size, rates in RATES.items()
}
RUNS = tuple(runs for nets in NETS.values() for runs in nets.runs)


def over(better: str, worse: str, size: int, by: str = FRESH) -> Sample:
    """The points by which one net is more accurate than another at a batch size."""
    return ahead(_at(better, size), _at(worse, size), by)


claim = claim_form(
    "batchsize",
    statement=f"After {EPOCHS} epochs of {IMAGES:,} images of Fashion-MNIST at a rate that falls "
    "to zero, tuned for each net and batch size, {}",
    source="Wu and He 2018 (arXiv 1803.08494), abstract and figure 1: BN has an error of 23.6% "
    "with batches of 32 images a GPU and 34.7% with 2, group normalization 24.1% with both "
    "(ResNet-50, ImageNet)",
    metric=f"validation accuracy after {EPOCHS} epochs of {IMAGES:,} images, plain gradient "
    "descent at a rate that rises over 5% of the steps and then falls to zero; it is chosen for "
    "each net and batch size by tuning runs of the same length, by fresh statistics",
    unit="pp",
    margin=0.5,
    seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
    decided="interval",
    known="known from the first edition",
    expected="supported",
)
LOST = "What does BN lose on small batches?"
KEPT = "From which batch size on does BN keep up?"


# What each claim asks: the arm that is ahead of another, and at which size, in each setting.
ASKED: Mapping[str, tuple[Mapping[str, tuple[str, str, int]], str, Mapping[str, Any]]] = {
    "small": (
        {f"{arm}, {size}": (arm, "bn", size) for arm in ("raw", "std") for size in (2, 4)},
        "BN in batches of two and of four is less accurate than a net without it, be it on raw "
        "pixels or on standardized inputs",
        {
            "label": "no BN over BN, 2 and 4",
            "question": LOST,
            "arms": "raw pixels and standardized inputs without BN, each minus BN",
            "headline": "small",
        },
    ),
    "others": (
        {"ln": ("ln", "bn", 2), "gn": ("gn", "bn", 2)},
        "layer normalization and group normalization in batches of two are each more accurate "
        "than BN",
        {
            "label": "layer, group norm over BN, 2",
            "question": LOST,
            "arms": "layer normalization and group normalization of 10 groups, each minus BN",
        },
    ),
    **{
        f"std-{size}": (
            {"": ("std", "bn", size)},
            f"standardized inputs without BN in batches of {size} are more accurate than BN",
            {
                "label": f"standardized over BN, {size}",
                "question": LOST,
                "arms": "standardized inputs without BN, minus BN",
            },
        )
        for size in (8, 16)
    },
    **{
        f"like-{size}": (
            {"": ("bn", "std", size)},
            f"BN in batches of {size} is as accurate as standardized inputs without it, within "
            "half a point",
            {
                "label": f"BN like standardized, {size}",
                "question": KEPT,
                "arms": "BN and standardized inputs without BN",
                "kind": "equivalence",
                "expected": expected,
                "headline": "bn-std",
            },
        )
        for size, expected in ((32, "supported"), (128, "underpowered"))
    },
    "ln-8": (
        {"": ("bn", "ln", 8)},
        "BN in batches of eight is as accurate as layer normalization, within half a point",
        {
            "label": "BN like layer norm, 8",
            "question": KEPT,
            "arms": "BN and layer normalization, both on raw pixels",
            "kind": "equivalence",
            "headline": "ln",
        },
    ),
    "ln-32": (
        {"": ("bn", "ln", 32)},
        "BN in batches of 32 is more accurate than layer normalization",
        {
            "label": "BN over layer norm, 32",
            "question": KEPT,
            "arms": "BN and layer normalization, both on raw pixels",
        },
    ),
}


def _claim(name: str, by: str) -> Judged:
    settings, words, own = ASKED[name]
    pairs = {key: (_at(a, size), _at(b, size)) for key, (a, b, size) in settings.items()}
    return comparison(
        claim,
        f"2-{name}",
        pairs if len(pairs) > 1 else pairs[""],
        by,
        statement=words + ", {}.",
        **own,
    )


FAMILIES = {by: tuple(_claim(name, by) for name in ASKED) for by in SCORES}

WAYS = {
    FRESH: "BN, fresh statistics",
    DEPLOYED: "BN, moving averages",
    MEANS: "BN, means of batches",
}
# A net below it has failed; how far would flatten all that did not.
SHELF = 80.0


def _values(records: Records) -> dict[str, Value]:
    """Give what was set, the accuracies of each arm, and BN over standardized inputs by score."""
    values = values_of(
        "set before the runs that judge",
        {
            "images": f"{IMAGES:,}",
            "epochs": str(EPOCHS),
            "tuning": str(len(NETS[SIZES[0]].seeds)),
            **{f"steps.{size}": f"{EPOCHS * IMAGES // size:,}" for size in SIZES},
            **{f"rate.bn.{size}": f"{rates['bn']:g}" for size, rates in RATES.items()},
        },
    )
    for size, rates in RATES.items():
        for arm in rates:
            mean = mean_of(ended(_at(arm, size))(records), 1, unit="%")
            origin = f"{arm} at {size} images, mean validation accuracy by fresh statistics"
            values |= values_of(origin, {f"{arm}.{size}": mean})
            seen = 100 * runs_of(named(arm, size)).final("accuracy")
            origin = f"{arm} at {size} images, mean accuracy in training over the last epoch"
            values |= values_of(
                origin, {f"trained.{arm}.{size}": mean_of(seen(records), 1, unit="%")}
            )
        for by, words in WAYS.items():
            interval = over("bn", "std", size, by).contrast()(records).interval
            origin = f"{words}, less standardized inputs at {size} images, validation accuracy"
            values |= unjudged(f"{by}-std.{size}", interval, origin)
        for by, name in ((DEPLOYED, "lag"), (MEANS, "means")):
            apart = ended(_at("bn", size)) - ended(_at("bn", size), by)
            origin = f"BN at {size} images, fresh statistics minus {WAYS[by]}"
            values |= unjudged(f"{name}.{size}", apart.contrast()(records).interval, origin)
    return values


def _by_size(arm: str, by: str = FRESH) -> Sweep:
    sizes = [size for size in SIZES if arm in RATES[size]]
    return Sweep({size: ended(_at(arm, size), by) for size in sizes})


def _sizes(records: Records) -> Table:
    rows = {arm.label: _by_size(name) for name, arm in ARMS.items() if name != "bn"}
    rows |= {words: _by_size("bn", by) for by, words in WAYS.items()}

    def cell(accuracies: Sweep, size: int) -> str:
        if size not in accuracies.by_setting:
            return "–"
        return mean_of(accuracies[size](records), 1)

    return Table.crossed(
        "Mean validation accuracy in %, by the images in a batch",
        "net",
        rows,
        {str(size): size for size in SIZES},
        cell,
        "The last three rows are the same nets, scored in three ways. Means of batches: plain "
        "means of the statistics of training batches of the same size.",
    )


def _scores(records: Records) -> Table:
    return Table.crossed(
        "BN minus standardized inputs by each score, in percentage points",
        "images",
        {str(size): size for size in SIZES},
        {words.removeprefix("BN, "): by for by, words in WAYS.items()},
        lambda size, by: mean_of(
            # Where points are lost by the dozen, hundredths of them say nothing.
            over("bn", "std", size, by)(records),
            1 if size < 8 else 2,
            signed=True,
            interval=True,
        ),
        f"Means of {records.n_seeds} seeds with 95% intervals. No claim judges the last column.",
    )


def _rates(_: Records) -> Table:
    def cell(arm: str, size: int) -> str:
        return f"{RATES[size][arm]:g}" if arm in RATES[size] else "–"

    return Table.crossed(
        "The learning rates that were chosen, by the images in a batch",
        "arm",
        {arm.label: name for name, arm in ARMS.items()},
        {str(size): size for size in SIZES},
        cell,
        "Each is the highest of its run: it rises to it over 5% of the steps and falls to zero.",
    )


def _beside(records: Records) -> Table:
    """BN over standardized inputs beside the chosen rates, size by size."""
    tables = []
    for size, nets in NETS.items():
        by_name = {arm.name: arm for arm in nets.rates}
        pair = (by_name[named("bn", size)], by_name[named("std", size)])
        tables.append(nets.neighbours(records, {str(size): pair}, ""))
    return Table(
        "Would another rate have turned it? BN minus standardized inputs",
        ("batch size", *tables[0].head[1:]),
        tuple(row for table in tables for row in table.rows),
        note="Percentage points by fresh statistics, both nets half a decade below their rates, at "
        f"them, and as far above; means of {len(NETS[SIZES[0]].seeds)} tuning seeds, not judged. "
        "Where a net no longer trains, the difference is large.",
    )


def _curves(records: Records) -> Curves:
    by_title = {
        "Scored by fresh statistics": [
            ARMS[name].curve(SIZES, _by_size(name).curves(records))
            for name in ("raw", "std", "bn", "ln")
        ],
        "BN by its moving averages": [
            ARMS[name].curve(SIZES, _by_size(name, DEPLOYED).curves(records))
            for name in ("std", "bn")
        ],
    }
    return Curves(
        title="Validation accuracy by the images in a batch",
        subtitle=f"300-100 ReLU net, {EPOCHS} epochs of {IMAGES:,} images, tuned rates that fall "
        f"to zero. Thin lines: {records.n_seeds} seeds; thick: mean. Shaded: below {SHELF:g}%, "
        "squeezed",
        x_label="images in a batch",
        x_scale="log",
        panels=panels(by_title, "validation accuracy, %", shelf=SHELF),
    )


def _tuned(records: Records, size: int) -> tuple[Panel, ...]:
    """Give the panel of a batch size; only with two images one net stays on the shelf."""
    nets = NETS[size]
    curves = [
        nets.curve(records, arm, ARMS[arm.name.split("-")[0]].short, SHELF) for arm in nets.rates
    ]
    low = min(float(curve.y.min()) for curve in curves)
    return panels(
        {f"batches of {size}": curves},
        "validation accuracy, %",
        longest_first=True,
        shelf=SHELF if low < SHELF else None,
    )


def _small(drawn: Sequence[Panel]) -> str:
    """Say how far BN comes in the smallest batches, and how far every other net does."""
    panel, *_ = drawn
    best = {
        curve.label: max(mean.values())
        for curve in panel.series
        for mean in means((panel,), curve.label)
    }
    others = at_least([accuracy for label, accuracy in best.items() if label != "BN"])
    return f"In {panel.title} BN gets to {best['BN']:.1f}% at best, other nets to {others}% or more"


def _large(drawn: Sequence[Panel]) -> str:
    """Say up to which rates nets learn in larger batches, with BN or LN and with neither."""
    return reach(drawn, SHELF, "BN and LN still reach", {"BN", "LN"}, "nets with neither")


def _tuning(
    records: Records, sizes: Sequence[int], finding: Callable[[Sequence[Panel]], str]
) -> Curves:
    drawn = tuple(panel for size in sizes for panel in _tuned(records, size))
    return Curves(
        title=finding(drawn),
        subtitle="By fresh statistics. Three tuning seeds, thin, and their mean, thick. Left out: "
        f"rates at which a seed stayed below {SHELF:g}%, unless all did; shaded: squeezed",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


def _check(records: Records) -> None:
    for nets in NETS.values():
        nets.check(records)


SECOND = study(
    "batchsize",
    [judged for family in FAMILIES.values() for judged in family],
    RUNS,
    number=2,
    families=tuple(tuple(judged.claim.id for judged in f) for f in FAMILIES.values()),
    values=_values,
    tables={"sizes": _sizes, "scores": _scores, "rates": _rates, "beside": _beside},
    plots={
        "curves": _curves,
        "tuning-small": partial(_tuning, sizes=SIZES[:3], finding=_small),
        "tuning-large": partial(_tuning, sizes=SIZES[3:], finding=_large),
    },
    check_tuning=_check,
    words={
        "no BN over BN, 2 and 4": "Batches of 2 and 4: no BN over BN",
        "layer, group norm over BN, 2": "Batches of 2: layer, group norm over BN",
        "standardized over BN, 8": "Batches of 8: standardized over BN",
        "standardized over BN, 16": "Batches of 16: standardized over BN",
        "BN like standardized, 32": "Batches of 32: BN as standardized",
        "BN like standardized, 128": "Batches of 128: BN as standardized",
        "BN like layer norm, 8": "Batches of 8: BN as layer norm",
        "BN over layer norm, 32": "Batches of 32: BN over layer norm",
    },
)
