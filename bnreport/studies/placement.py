"""Does it matter whether batch normalization comes before or after the activation?"""

from bnreport.analysis.cells import interval_of, mean_of, values_of
from bnreport.analysis.comparisons import gain, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.findings import reach
from bnreport.analysis.grids import Tuned
from bnreport.analysis.placed import PLACES, TITLES, placed
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.protocol.directions import more, score
from bnreport.records.collection import Records
from bnreport.studies.second.placement import SECOND

BATCH_SIZE, EPOCHS, TUNING_EPOCHS = 128, 6, 3

# The rates that the tuning runs find best, with ReLU and with tanh.
RATES = placed(
    {
        "raw": (0.3, 0.3),
        "std": (0.3, 0.3),
        "before": (0.1, 0.03),
        "after": (0.03, 0.03),
        "std-before": (0.3, 0.1),
        "std-after": (0.3, 0.1),
    }
)
ARMS = {arm.name: arm for arm in RATES}
NETS = Tuned(
    rates=RATES,
    grid=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0),
    setting={"batch_size": BATCH_SIZE, "split": "seed", "evaluated": ("val",)},
    tuning={"epochs": TUNING_EPOCHS},
    judged={"epochs": EPOCHS, "score_epochs": (EPOCHS,)},
)
TEST = score("test", EPOCHS)
TESTED = {arm: 100 * runs_of(arm).accuracy(EPOCHS) for arm in NETS.rates}

# Places that differ by less are as good as one another, in pp.
SAME = 0.3
BETTER = "Which place is better?"
FIRST = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.2: BN comes before the nonlinearity, "
    "where the distribution is more likely to be symmetric"
)
LAST = (
    "ducha-aiki/caffenet-benchmark on GitHub, batchnorm.md: CaffeNet with ReLU on ImageNet reaches "
    "47.8% with BN before it and 49.3% with BN after it"
)
# The same source, after less before in pp, with the scale and shift that BN has here, too.
CAFFENET = 1.5
claim = claim_form(
    "placement",
    metric=f"test accuracy after {EPOCHS} epochs, batches of {BATCH_SIZE}, each arm at its own "
    "best learning rate",
    unit="pp",
    interval="seeds and images",
)

CLAIMS = (
    *(
        claim(
            f"same-{activation}",
            by=gain(f"{activation}-after", f"{activation}-before", EPOCHS),
            ahead=more(f"{activation}-after", f"{activation}-before", TEST),
            kind="equivalence",
            margin=SAME,
            label=f"{title}: before like after",
            question="Does the place of BN matter?",
            statement=f"With {title}, BN after the activation is as accurate as BN before it.",
            source=f"{FIRST}; {LAST}",
            arms=f"BN before and after {title}",
            expected="not supported",
        )
        for activation, title in TITLES.items()
    ),
    claim(
        "before-relu",
        by=gain("relu-before", "relu-after", EPOCHS),
        ahead=more("relu-before", "relu-after", TEST),
        margin=SAME,
        label="ReLU: before over after",
        question=BETTER,
        statement="With ReLU, BN before the activation is more accurate than after it.",
        source=FIRST,
        arms="BN before and after ReLU",
        expected="supported",
    ),
    claim(
        "after-tanh",
        by=gain("tanh-after", "tanh-before", EPOCHS),
        ahead=more("tanh-after", "tanh-before", TEST),
        margin=SAME,
        label="tanh: after over before",
        question=BETTER,
        statement="With tanh, BN after the activation is more accurate than before it.",
        source="Hasani and Khotanlou 2019 (arXiv 1912.04259), abstract: which place is best "
        f"depends on the net; {LAST}",
        arms="BN after and before tanh",
        expected="supported",
    ),
    *(
        claim(
            f"{control}-{activation}",
            by=lambda bn, other: gain(bn, other, EPOCHS),
            ahead=lambda bn, other: more(bn, other, TEST),
            in_each={
                place: (f"{activation}-{place}", f"{activation}-{control}") for place in PLACES
            },
            margin=0.5,
            label=f"{title}: BN over {inputs.split()[0]}",
            question="Does BN help at either place?",
            statement=f"With {title}, BN is more accurate than {inputs} without BN, before the "
            "activation and after it.",
            source="Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: on ImageNet at most 72.7% "
            "with BN against 72.2% without at the same rate, and 74.8% with a larger rate and "
            "other changes",
            arms=f"BN before and after {title}, and {inputs} without BN",
            expected=expected,
        )
        for activation, title in TITLES.items()
        for control, inputs, expected in (
            ("raw", "raw pixels", "supported"),
            ("std", "standardized inputs", "not supported"),
        )
    ),
)

NET = f"300-100 net, batches of {BATCH_SIZE}"
# What is below has failed; how far hardly matters.
SHELF = 75.0


def _values(records: Records) -> dict[str, Value]:
    """The accuracy of BN at the highest rate that was tried, and what was set."""
    highest = NETS.grid[-1]
    ends = {
        f"highest.{activation}.{place}": NETS.accuracies(records, ARMS[f"{activation}-{place}"])[-1]
        for activation in TITLES
        for place in PLACES
    }
    return (
        values_of(
            f"mean validation accuracy of {len(NETS.seeds)} tuning seeds after {TUNING_EPOCHS} "
            f"epochs at rate {highest:g}; diverged runs count as chance",
            {name: f"{mean_of(end, 1)}%" for name, end in ends.items()},
        )
        | values_of("the highest rate of the tuning grid", {"highest": f"{highest:g}"})
        | values_of("set before the runs", {"epochs": str(EPOCHS)})
    )


def _nets(records: Records) -> Table:
    tested = {arm: sample(records) for arm, sample in TESTED.items()}
    return Table.by_column(
        "Every net with the rate that was chosen for it",
        "net",
        {arm.label: arm for arm in tested},
        {
            "learning rate": lambda arm: f"{NETS.rates[arm]:g}",
            "test accuracy, %": lambda arm: mean_of(tested[arm], 2),
            "95% interval": lambda arm: interval_of(tested[arm], 2),
        },
        f"The rate with the highest mean validation accuracy of {len(NETS.seeds)} tuning seeds "
        f"after {TUNING_EPOCHS} epochs. Test: the mean of {records.n_seeds} other seeds after "
        f"{EPOCHS} epochs; its interval covers the seeds.",
    )


def _places(records: Records) -> Dots:
    rows = (
        ARMS[f"{activation}-{inputs}after"].row(
            gain(f"{activation}-{inputs}after", f"{activation}-{inputs}before", EPOCHS)(records),
            f"{title}, {words}",
            published=(CAFFENET,) if (activation, inputs) == ("relu", "") else (),
            band=(-SAME, SAME),
            cross="CaffeNet",
        )
        for inputs, words in {"": "raw pixels", "std-": "standardized"}.items()
        for activation, title in TITLES.items()
    )
    return Dots(
        title="Test accuracy with BN after the activation, minus that with BN before it",
        subtitle=f"{NET}, {EPOCHS} epochs, each net at its tuned rate. A dot a seed (n = "
        f"{records.n_seeds}), the mean and its 95% interval below; shaded: within {SAME:g} pp",
        x_label="pp; left of the line BN before is ahead, right of it BN after",
        rows=tuple(rows),
        decimals=2,
        nothing=0.0,
    )


def _accuracies(records: Records) -> Dots:
    return Dots(
        title=f"Test accuracy after {EPOCHS} epochs",
        subtitle=f"{NET}, each at its tuned rate. A dot a seed (n = {records.n_seeds}), the mean "
        "and its 95% interval",
        x_label="test accuracy, %",
        rows=tuple(arm.row(tested(records)) for arm, tested in TESTED.items()),
        decimals=2,
        narrow=True,
    )


def _rates(records: Records) -> Curves:
    kinds = {"raw": "no BN", "before": "BN before", "after": "BN after"}
    by_title = {
        title: {ARMS[f"{activation}-{kind}"]: label for kind, label in kinds.items()}
        for activation, title in TITLES.items()
    }
    drawn = NETS.panels(records, by_title, shelf=SHELF)
    return Curves(
        title=reach(
            drawn,
            SHELF,
            "BN before the activation reaches",
            {"BN before"},
            "after it",
            {"BN after"},
        ),
        subtitle=f"{NET}, {TUNING_EPOCHS} epochs. Tuning runs, not judged: "
        f"{len(NETS.seeds)} seeds, thin, and their mean, thick. Diverged runs count as chance. "
        f"Shaded: below {SHELF:g}%, squeezed",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


STUDY = study(
    "placement",
    CLAIMS,
    NETS.runs,
    title="Placement",
    chapter="Limits and costs",
    question="Does it matter whether batch normalization comes before or after the activation?",
    values=_values,
    tables={"nets": _nets},
    plots={"places": _places, "accuracies": _accuracies, "rates": _rates},
    check_tuning=NETS.check,
    later=(SECOND,),
)
