"""Does it need to be batch normalization, or do other inputs, starts and normalizers do as well?"""

from dataclasses import replace
from functools import partial

from bnreport.analysis.arms import PARTS, Arm, usual
from bnreport.analysis.cells import interval_of, mean_of, values_of
from bnreport.analysis.comparisons import gain, ranked, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.grids import Tuned
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.protocol.directions import more, score
from bnreport.records.collection import Records
from bnreport.studies.second.alternatives import SECOND

RAW, STD, BN, STD_BN, LN, GN = usual("raw", "std", "bn", "std-bn", "ln", "gn")
CENTRED, SCALED, INPUT_BN, WS = PARTS
GLOROT = Arm("glorot", "Glorot's initialization", net={"initializer": "GlorotUniform"})
UNIT = Arm("unit", "start with unit variance", dashed=True, fields={"start": "unit variance"})

BATCH, EPOCHS, TUNING_EPOCHS = 128, 8, 3
NETS = Tuned(
    # What the tuning runs find best, by arm.
    rates={
        RAW: 0.3,
        STD: 0.3,
        BN: 0.1,
        STD_BN: 0.3,
        LN: 0.1,
        GN: 0.3,
        CENTRED: 0.3,
        SCALED: 0.1,
        INPUT_BN: 0.3,
        WS: 1.0,
        GLOROT: 0.3,
        UNIT: 0.3,
    },
    grid=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0),
    setting={"batch_size": BATCH, "split": "seed", "evaluated": ("val",)},
    tuning={"epochs": TUNING_EPOCHS},
    judged={"epochs": EPOCHS, "score_epochs": (EPOCHS,)},
)
TEST = score("test", EPOCHS)
TESTED = {arm: 100 * runs_of(arm).accuracy(EPOCHS) for arm in NETS.rates}

NEEDED = "Does it need to be batch normalization?"
INSTEAD = "Does another normalizer do as well?"
ALONE = "Do the inputs or the start do it alone?"
IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: on ImageNet at most 72.7% with BN "
    "against 72.2% without at the same rate, and 74.8% with a larger rate and other changes"
)
GROUPS = "Wu and He 2018 (arXiv 1803.08494), section 4.1: ResNet-50 on ImageNet, 32 images a GPU, "
LECUN = (
    "LeCun, Bottou, Orr and Müller 1998, Efficient BackProp, section 4.3: convergence is usually "
    "faster if the average of each input is close to zero, and if all have about the same spread"
)
claim = claim_form(
    "alternatives",
    statement="With each arm at its own best learning rate, {}",
    arms="{}, each at its best rate",
    metric=f"test accuracy after {EPOCHS} epochs, batches of {BATCH}",
    unit="pp",
    margin=0.5,
    interval="seeds and images",
    shown="BN is more accurate than {}, on the test images after "
    f"{EPOCHS} epochs at a constant rate, deployed with Keras' default moving averages; each "
    "arm's rate was chosen on tuning seeds.",
)

CLAIMS = (
    claim(
        "bn-raw",
        by=gain(BN, RAW, EPOCHS),
        ahead=more("bn", "raw", TEST),
        label="BN over raw",
        question=NEEDED,
        statement="BN is more accurate than the net on raw pixels.",
        shown="the net on raw pixels",
        source=IOFFE,
        arms="BN and raw pixels",
        headline="bn-raw",
        expected="supported",
    ),
    claim(
        "bn-std",
        by=gain(BN, STD, EPOCHS),
        ahead=more("bn", "std", TEST),
        label="BN over standardized",
        question=NEEDED,
        statement="BN is more accurate than standardized inputs without BN.",
        shown="standardized inputs without BN",
        source=IOFFE,
        arms="BN and standardized inputs without BN",
        headline="bn-over-std",
        expected="not supported",
    ),
    claim(
        "ln",
        by=gain(LN, BN, EPOCHS),
        ahead=more("ln", "bn", TEST),
        kind="equivalence",
        label="layer norm like BN",
        question=INSTEAD,
        statement="layer normalization is as accurate as BN.",
        source="Ba, Kiros and Hinton 2016 (arXiv 1607.06450), figure 6: on MNIST it trains faster "
        "than BN at batches of 128 and 4; " + GROUPS + "1.7 pp more error than BN",
        arms="layer normalization and BN",
        headline="ln",
        expected="underpowered",
    ),
    claim(
        "gn",
        by=gain(GN, BN, EPOCHS),
        ahead=more("gn", "bn", TEST),
        kind="equivalence",
        label="group norm like BN",
        question=INSTEAD,
        statement="group normalization is as accurate as BN.",
        source=GROUPS + "24.1% error against 23.6% with BN",
        arms="group normalization (10 groups) and BN",
        expected="underpowered",
    ),
    claim(
        "ws",
        by=gain(WS, BN, EPOCHS),
        ahead=more("ws", "bn", TEST),
        kind="equivalence",
        label="weight std. like BN",
        question=INSTEAD,
        statement="weight standardization alone is as accurate as BN.",
        source="Qiao, Wang, Liu, Shen and Yuille 2019 (arXiv 1903.10520), abstract: together with "
        "group normalization it matches or outperforms BN with large batches; alone it is not "
        "proposed",
        arms="weight standardization and BN",
        expected="not supported",
    ),
    claim(
        "input-bn",
        by=gain(INPUT_BN, STD, EPOCHS),
        ahead=more("input-bn", "std", TEST),
        kind="equivalence",
        label="input BN like standardized",
        question=ALONE,
        statement="BN of the inputs alone is as accurate as standardized inputs.",
        source=LECUN,
        arms="BN of the inputs and standardized inputs, both without BN in the hidden layers",
        expected="supported",
    ),
    claim(
        "unit",
        by=gain(UNIT, RAW, EPOCHS),
        ahead=more("unit", "raw", TEST),
        label="unit variance over raw",
        question=ALONE,
        statement="a start at which every layer has outputs of unit variance makes the net on raw "
        "pixels more accurate.",
        source="Mishkin and Matas 2016 (arXiv 1511.06422), abstract: nets that start so are as "
        "accurate as with standard methods or more; here without the orthogonal start",
        arms="kernels scaled by the first batch and kernels as drawn, both on raw pixels",
        expected="not supported",
    ),
    claim(
        "centring",
        by=gain(CENTRED, SCALED, EPOCHS),
        ahead=more("centred", "scaled", TEST),
        label="centring over scaling",
        question=ALONE,
        statement="centred inputs make the net more accurate than scaled inputs do.",
        source=LECUN,
        arms="inputs with mean zero and inputs with unit variance, both without BN",
        expected="supported",
    ),
)

# The panels of the tuning figures, two a figure, with names short enough for the end of a curve.
BLUE = replace(INPUT_BN, colour="bn")
PANELS = {
    "normalizers": {
        "The normalizer": {RAW: "none", BN: "batch", LN: "layer", GN: "group", WS: "weights"},
        "BN and standardized inputs": {RAW: "neither", STD: "std.", BN: "BN", STD_BN: "both"},
    },
    "inputs-and-starts": {
        "The inputs": {RAW: "raw", STD: "std.", CENTRED: "centered", SCALED: "scaled", BLUE: "BN"},
        "The start": {RAW: "He", GLOROT: "Glorot", UNIT: "unit"},
    },
}
# A seed below it learned little or diverged; a curve that went there would flatten all others.
FAILED = 50.0


def _values(records: Records) -> dict[str, Value]:
    """The number of arms, the first and the last of them, and what was set."""
    tested = ranked(records, TESTED)
    first, *_, last = tested
    measured = {
        "arms": str(len(tested)),
        "first": first.label,
        "last": last.label,
        "first.accuracy": mean_of(tested[first], 2),
        "last.accuracy": mean_of(tested[last], 2),
        "apart": mean_of(tested[first].mean() - tested[last].mean(), 2),
    }
    given = {"epochs": str(EPOCHS), "tuned": str(TUNING_EPOCHS), "tuning": str(len(NETS.seeds))}
    return values_of(f"mean test accuracies of {records.n_seeds} seeds", measured) | values_of(
        "set before the runs", given
    )


def _arms(records: Records) -> Table:
    tested = ranked(records, TESTED)
    return Table.by_column(
        "Every arm with the rate that was chosen for it, the highest mean first",
        "arm",
        {arm.label: arm for arm in tested},
        {
            "learning rate": lambda arm: f"{NETS.rates[arm]:g}",
            "validation accuracy, %": lambda arm: mean_of(NETS.best(records, arm), 2),
            "test accuracy, %": lambda arm: mean_of(tested[arm], 2),
            "95% interval": lambda arm: interval_of(tested[arm], 2),
        },
        f"Validation: the mean of three tuning seeds after {TUNING_EPOCHS} epochs at the chosen "
        f"rate. Test: the mean of {records.n_seeds} other seeds after {EPOCHS} epochs; its "
        "interval covers the seeds.",
    )


def _ranking(records: Records) -> Dots:
    return Dots(
        title=f"Test accuracy after {EPOCHS} epochs, the highest mean first",
        subtitle=f"300-100 ReLU net, batches of {BATCH}, tuned rates. A dot a seed (n = "
        f"{records.n_seeds}), the mean and its 95% interval through them",
        x_label="test accuracy, %",
        rows=tuple(arm.row(test) for arm, test in ranked(records, TESTED).items()),
        decimals=2,
        narrow=True,
    )


def _tuning(records: Records, which: str) -> Curves:
    tried = {arm for panel in PANELS[which].values() for arm in panel}
    rates = [rate for arm, rate in NETS.rates.items() if arm in tried]
    return Curves(
        title=f"Tuning chose {min(rates):g} to {max(rates):g} for {which.replace('-', ' ')}",
        subtitle=f"After {TUNING_EPOCHS} epochs. Three tuning seeds, thin, and their mean, thick. "
        f"Left out: rates at which a seed stayed below {FAILED:g}%",
        x_label="learning rate",
        x_scale="log",
        panels=NETS.panels(records, PANELS[which], floor=FAILED),
    )


STUDY = study(
    "alternatives",
    CLAIMS,
    NETS.runs,
    title="Alternatives",
    chapter="Limits and costs",
    question="Does it need to be batch normalization, or do other inputs, initializations and "
    "normalizers do as well?",
    values=_values,
    tables={"arms": _arms},
    plots={"ranking": _ranking} | {which: partial(_tuning, which=which) for which in PANELS},
    check_tuning=NETS.check,
    later=(SECOND,),
)
