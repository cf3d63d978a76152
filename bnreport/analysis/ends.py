"""Compare the final accuracies of arms twice: by fresh statistics, and as Keras deploys them."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import interval_of, mean_of, values_of
from bnreport.analysis.comparisons import Judge, Sample, ranked, runs_of
from bnreport.analysis.design import Form, Judged
from bnreport.analysis.tuning import TunedRecipes
from bnreport.presentation.plots import Dots
from bnreport.presentation.tables import Table, Value
from bnreport.protocol.directions import Direction, check, read
from bnreport.records.collection import Records
from bnreport.statistics.intervals import LEVEL, t_interval

FRESH, DEPLOYED = "fresh", "deployed"
SCORES = {FRESH: "by fresh statistics", DEPLOYED: "by Keras' default moving averages"}
# The arm that counts as positive, and the one that it is compared with.
Pair: TypeAlias = tuple[Arm, Arm]


def ended(arm: Arm, by: str = FRESH, first: int | None = None) -> Sample:
    """The validation accuracy at the end of an arm's runs in per cent; chance where one is lost.

    Args:
        arm: the arm.
        by: the score.
        first: so many of its seeds, the first ones; by default all.
    """
    return 100 * runs_of(arm).scored(f"end_{by}_val")[:first, -1]


def ahead(one: Arm, other: Arm, by: str = FRESH, first: int | None = None) -> Sample:
    """The points by which an arm is more accurate at the end than another; see `ended`."""
    return ended(one, by, first) - ended(other, by, first)


def comparison(
    claim: Form,
    name: str,
    pairs: Pair | Mapping[str, Pair],
    by: str,
    first: int | None = None,
    **own: Any,
) -> Judged:
    """A claim that compares the final accuracies of two arms, by a score.

    Args:
        claim: the form of the study's claims.
        name: the claim's; that as deployed has a name after it, and a label.
        pairs: the arms; or those of each of its settings.
        by: the score.
        first: how many of the seeds judge, where the arms have more.
        own: what the claim has of its own; its statement has "{}" where the score is told.
    """

    def judge(one: Arm, other: Arm) -> Judge:
        return ahead(one, other, by, first).contrast()

    def favours(one: Arm, other: Arm) -> Direction:
        end = check(f"end_{by}_val_accuracy")
        return Direction(read(one.name, end), read(other.name, end))

    return by_score(claim, name, pairs, by, judge, favours, **own)


def by_score(
    claim: Form,
    name: str,
    pairs: tuple[Any, Any] | Mapping[str, tuple[Any, Any]],
    by: str,
    judge: Callable[[Any, Any], Judge],
    favours: Callable[[Any, Any], Direction],
    **own: Any,
) -> Judged:
    """A claim that compares two things by a score; see `comparison`.

    Args:
        claim: the form of the study's claims.
        name: the claim's; that as deployed has a name after it, and a label.
        pairs: what is compared; or that of each of its settings.
        by: the score.
        judge: judges a pair.
        favours: what it means that the first of a pair is ahead.
        own: what the claim has of its own; its statement has "{}" where the score is told.
    """
    settings = pairs if isinstance(pairs, Mapping) else None
    deployed = by == DEPLOYED
    return claim(
        f"{name}-{DEPLOYED}" if deployed else name,
        judge if isinstance(pairs, Mapping) else judge(*pairs),
        favours if isinstance(pairs, Mapping) else favours(*pairs),
        in_each=settings,
        score=by,
        **{
            **own,
            "label": f"{own['label']}, {DEPLOYED}" if deployed else own["label"],
            "statement": own["statement"].format(SCORES[by]),
        },
    )


def leanings(
    records: Records, pairs: Mapping[str, Pair], by: str = FRESH, level: float = LEVEL
) -> dict[str, Value]:
    """The words that say which arm of each pair did better: by name and ".leaning".

    Args:
        records: those of the arms.
        pairs: the arms, by the name of what is asked of them.
        by: the score.
        level: of the interval of their difference; where it holds zero neither surely did better.
    """

    def words(one: Arm, other: Arm) -> str:
        interval = t_interval(ahead(one, other, by)(records), level)
        if interval.low > 0:
            return f"{one.label} did better than {other.label}"
        if interval.high < 0:
            return f"{other.label} did better than {one.label}"
        return f"neither {one.label} nor {other.label} surely did better"

    return values_of(
        f"the {level:.0%} interval of their difference, {SCORES[by]}",
        {f"{name}.leaning": words(*pair) for name, pair in pairs.items()},
    )


def ranking(records: Records, nets: TunedRecipes, title: str, subtitle: str) -> Dots:
    """Every arm's final accuracies by fresh statistics, a dot a seed, the highest mean first."""
    accuracies = ranked(records, {arm: ended(arm, first=len(nets.full)) for arm in nets.rates})
    return Dots(
        title=title,
        subtitle=f"{subtitle}. A dot a seed (n = {len(nets.full)}), the mean and its 95% interval",
        x_label="validation accuracy, %",
        rows=tuple(arm.row(accuracy) for arm, accuracy in accuracies.items()),
        decimals=2,
        narrow=True,
    )


def arms_table(records: Records, nets: TunedRecipes) -> Table:
    """Every arm with its rate and its accuracies, the highest mean first."""
    seeds = len(nets.full)
    accuracies = ranked(records, {arm: ended(arm, first=seeds) for arm in nets.rates})
    return Table.by_column(
        "Every arm with the rate that was chosen for it, the highest mean first",
        "arm",
        {arm.label: arm for arm in accuracies},
        {
            "learning rate": lambda arm: f"{nets.rates[arm]:g}",
            "tuning, %": lambda arm: mean_of(nets.best(records, arm), 2),
            "fresh, %": lambda arm: mean_of(accuracies[arm], 2),
            "95% interval": lambda arm: interval_of(accuracies[arm], 2),
            "deployed, %": lambda arm: mean_of(ended(arm, DEPLOYED, seeds)(records), 2),
        },
        f"Validation accuracies. Tuning: {len(nets.seeds)} tuning seeds. Otherwise: {seeds} seeds "
        "that judge. Where no layer keeps averages the two scores are the same.",
    )
