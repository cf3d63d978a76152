"""Is `training=False` in the call of a base another net, once `fit` has overruled it, or the same?

The third edition asks one thing: nets are fitted with the argument and without, from the same
weights on the same batches, and compared bit for bit. Frozen layers show that nets can differ.
"""

from collections.abc import Iterable
from itertools import product

from bnreport.analysis.design import claim_form, study
from bnreport.analysis.keras_facts import BACKENDS, error_values, fact_runs, misses, on_both, right
from bnreport.presentation.formats import number
from bnreport.presentation.tables import Table, Value
from bnreport.protocol.facts import INFERRED, PARTED, TUNED
from bnreport.records.collection import Records
from bnreport.studies.second.keras import SECOND

SEED = 300
BOTH = " and ".join(BACKENDS.values())
NET_WORDS = dict(
    zip(
        TUNED,
        (
            "dense base",
            "convolutional base",
            "base within a base",
            "layers of BN, each called so",
            "base frozen, then thawed and compiled again",
        ),
        strict=True,
    )
)


def of_nets(way: str, facts: Iterable[str], value: float) -> dict[str, float]:
    """One number for these facts of every net, where its BN is to infer in a way."""
    return {f"{net}_{way}_{fact}": value for net, fact in product(TUNED, facts)}


claim = claim_form(
    "keras",
    question="What does Keras do?",
    kind="exact",
    arms=f"five functional models that Keras fits on {BOTH}, each beside the same net called "
    "plainly, from the same weights on the same batches",
    unit="facts",
    margin=0.0,
    seeds=str(SEED),
    expected="supported",
    known="known from trying it out",
    source="our own question: does fit leave anything of the argument that it overrules?",
)
TOLD = of_nets("told", PARTED, 0.0) | of_nets("told", ["moved"], 1.0)
FROZEN = of_nets("frozen", ["moved"], 0.0) | of_nets("frozen", ["averages", "answers"], 1.0)
CLAIMS = (
    claim(
        "3-told",
        by=misses(TOLD),
        ahead=right(TOLD),
        label="training=False in fit, bit for bit",
        statement="A functional model whose base, or whose layers of BN, were called with "
        "`training=False` is fitted as if they had been called without: its averages move, and "
        "bit for bit it ends with the same weights, averages, losses and answers.",
        metric="facts that come out otherwise: the shares of weights, averages, losses and answers "
        "of which a bit differs, 0; the largest difference of a weight or an average, 0; the share "
        "of averages that moved, 1; each on both backends",
    ),
    claim(
        "3-frozen",
        by=misses(FROZEN),
        ahead=right(FROZEN),
        label="frozen layers, bit for bit",
        statement="The same comparison tells frozen layers from trained ones: with "
        "`trainable=False` no average moves, and every average and answer differs from those of "
        "the net called plainly.",
        metric="facts that come out otherwise: the share of averages that moved, 0; the shares of "
        "averages and answers of which a bit differs, 1; each on both backends",
    ),
)


def in_words(records: Records, fact: str, percent: bool) -> str:
    """A number of both backends, or of each where they differ."""
    shown = (
        f"{number(100 * value, 0)}%" if percent else number(value, 2) if value else "0"
        for value in on_both(records, [fact])[0]
    )
    return " or ".join(dict.fromkeys(shown))


def by_net(records: Records) -> Table:
    """Say how far each net is from the same net called plainly, by how its BN is to infer."""
    facts = {"largest": ("off by", False), "moved": ("moved", True)}
    return Table(
        "Nets whose BN is to infer, beside the same nets called plainly, after the same fit",
        (
            "net",
            "numbers",
            *(f"{way}: {words}" for way in INFERRED for words, _ in facts.values()),
        ),
        tuple(
            (
                words,
                f"{compared(records, [net]):,}",
                *(
                    in_words(records, f"{net}_{way}_{fact}", percent)
                    for way in INFERRED
                    for fact, (_, percent) in facts.items()
                ),
            )
            for net, words in NET_WORDS.items()
        ),
        note="Numbers: weights and moving averages. Told: called with training=False. Frozen: its "
        "layers of BN have trainable=False. Off by: the largest difference of a number from the "
        "net called plainly. Moved: averages that are not those of the start. Where the backends "
        f"part in the digits shown, {next(iter(BACKENDS.values()))} is the first.",
        text=True,
    )


def compared(records: Records, nets: Iterable[str] = TUNED) -> int:
    """Count the weights and averages of nets."""
    return int(on_both(records, (f"{net}_numbers" for net in nets)).max(axis=1).sum())


def values(records: Records) -> dict[str, Value]:
    """The numbers of prose."""
    numbers = Value(f"{compared(records):,}", "weights and averages of the five nets together")
    return error_values(CLAIMS, records) | {"numbers": numbers}


THIRD = study(
    "keras",
    CLAIMS,
    fact_runs(("tuned",), SEED),
    number=3,
    values=values,
    tables={"tuned": by_net},
    code=(
        "protocol/facts.py",
        *(f"training/facts/{name}.py" for name in ("ask", "courses", "layer", "tuned")),
    ),
)
# The editions after the first, which names them.
LATER = (SECOND, THIRD)
