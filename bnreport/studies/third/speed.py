"""Does a net with BN reach an accuracy in fewer steps, each arm at the rate that is fastest for it?

The third edition: the second compared arms at rates that final accuracy had chosen, though arrival
was judged. Here arrival chooses them; all else is as it was, but for the seeds.
"""

from functools import partial

from bnreport.analysis.design import claim_form, study
from bnreport.analysis.metrics import swiftness
from bnreport.analysis.tuning import TunedRecipes
from bnreport.presentation import Table, Value
from bnreport.protocol.claims import Word
from bnreport.records.collection import Records
from bnreport.studies.second.speed import (
    ASKED,
    BEST,
    BN,
    CONTROLS,
    LABELS,
    PATH,
    RAW,
    SCORES,
    STD,
    STEPS,
    THRESHOLD,
    arrivals_table,
    curves,
    earlier,
    given,
    score,
    tuned_table,
)

# What a pilot of ten seeds asked for.
SEEDS = tuple(range(224, 248))
FASTEST = TunedRecipes(
    rates={RAW: 0.3, STD: 0.1, BN: 0.3},
    setting=BEST.setting,
    tuning={"measures": (PATH.model_copy(update={"by": ("fresh",)}),)},
    judged=BEST.judged,
    full=SEEDS,
    score=partial(swiftness, score=score("fresh"), threshold=THRESHOLD, most=STEPS),
)
claim = claim_form(
    "speed",
    **ASKED,
    seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
    known="known from runs of another study",
    # That of the second edition at best rates.
    margin=1.5,
)
EXPECTED: dict[tuple[str, str], Word] = {(STD.name, "deployed"): "not supported"}
FAMILIES = {
    by: [
        earlier(
            claim,
            "3",
            control,
            by,
            at="fastest rates",
            where="At constant rates, each arm's fastest by fresh statistics",
            expected=EXPECTED.get((control.name, by), "supported"),
        )
        for control in CONTROLS
    ]
    for by in SCORES
}


def _values(_: Records) -> dict[str, Value]:
    return given(**{f"rate.{arm.name}": f"{rate:g}" for arm, rate in FASTEST.rates.items()})


def _beside(records: Records) -> Table:
    return FASTEST.neighbours(
        records,
        {f"{LABELS[control]} over BN": (BN, control) for control in CONTROLS},
        f"Steps to {THRESHOLD:.0%} of either control over those of BN, both at rates beside theirs",
        f"Means of logarithms over three tuning seeds by fresh statistics, unjudged. A run that "
        f"never arrives counts as {STEPS:,} steps.",
        ratio=True,
    )


THIRD = study(
    "speed",
    [judged for family in FAMILIES.values() for judged in family],
    FASTEST.runs,
    number=3,
    families=FAMILIES.values(),
    values=_values,
    tables={
        **{by: partial(arrivals_table, by=by, rates={"": FASTEST.rates}) for by in SCORES},
        "tuned": partial(tuned_table, tuned=FASTEST, chosen_by="arrival"),
        "beside": _beside,
    },
    plots={
        "fastest": partial(curves, rate="each arm at its fastest rate", arms=tuple(FASTEST.rates))
    },
    check_tuning=FASTEST.check,
)
