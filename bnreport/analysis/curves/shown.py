"""Show how well the rules tell stories apart: the numbers and tables of it, for a page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bnreport.analysis.curves.band import EPOCHS, Band, Shelf, Story
from bnreport.analysis.curves.judging import largest, root
from bnreport.analysis.curves.scoring import Accused, Confusion, accused, confusions, separated
from bnreport.analysis.curves.telling import NETS, label
from bnreport.presentation.formats import counted
from bnreport.presentation.tables import Analysis, Table, Value

# As many epochs as the notebook shows of each net; and how few or many a log may hold.
PRINTED = 8
LENGTHS = (1, 3, PRINTED, EPOCHS)


def scored(band: Band, held: Mapping[Story, Shelf]) -> Analysis:
    """Count how often a story is named for another, and how often a healthy run is accused.

    Args:
        band: our runs.
        held: fresh runs that it does not hold.
    """
    many = {net: confusions(band, net, PRINTED) for net in NETS}
    few = {net: confusions(band, net, 1) for net in NETS}
    blamed = {epochs: accused(band, held, epochs) for epochs in LENGTHS}
    chosen = {
        epochs: {net: [separated(band, net, epochs, by) for by in (root, largest)] for net in NETS}
        for epochs in LENGTHS
    }
    return Analysis(
        values=_values(many, blamed, chosen),
        tables={
            **{f"confusions-{net}": _confusions_table(net, many[net], PRINTED) for net in NETS},
            "confusions-few": _confusions_table("bn", few["bn"], 1),
            "accused": _accused_table(blamed),
            "chosen": _chosen_table(chosen),
        },
    )


def _short(story: Story) -> str:
    """A story as the head of a column."""
    return label(story) if story.kind == "fresh" else story.kind


def _confusions_table(net: str, rows: Sequence[Confusion], epochs: int) -> Table:
    def named(story: Story) -> Callable[[Confusion], str]:
        return lambda row: str(row.named[story])

    table = Table.by_column(
        f"The net {NETS[net]}, logs of {counted(epochs, 'epoch')}: how often each story was named",
        "true story",
        {_short(each.story): each for each in rows},
        {
            "logs": lambda row: str(row.n),
            **{_short(each.story): named(each.story) for each in rows},
        },
        note="Logs from odd seeds, with all four numbers per epoch, each compared with our runs "
        "except those of its own seed. More than one story can be named. Bar: an older progress "
        "bar; undivided: pixels from 0 to 255; softmax: taken twice. A phone leaves zeros out.",
    )
    return replace(table, sparse=True)


def _accused_table(blamed: Mapping[int, Sequence[Accused]]) -> Table:
    def after(epochs: int) -> Callable[[int], str]:
        return lambda at: str(blamed[epochs][at].count)

    nets = [f"{NETS[each.story.net]}, {each.story.rate:g}" for each in blamed[PRINTED]]
    return Table.by_column(
        "Healthy logs that were called anything but healthy",
        "net, rate",
        {name: at for at, name in enumerate(nets)},
        {
            "logs": lambda at: str(blamed[PRINTED][at].n),
            **{counted(epochs, "epoch"): after(epochs) for epochs in LENGTHS},
        },
        note="Neither net nor rate was given. Runs at 0.01 are those that are in no band, and "
        "those of odd seeds; at 0.001 those of odd seeds alone.",
    )


def _chosen_table(chosen: Mapping[int, Mapping[str, Sequence[tuple[int, int]]]]) -> Table:
    def cell(epochs: int, column: tuple[str, int]) -> str:
        net, at = column
        return "{} of {}".format(*chosen[epochs][net][at])

    return Table.crossed(
        "Pairs of stories that can be told apart, by two measures of distance; even seeds",
        "epochs",
        {str(epochs): epochs for epochs in chosen},
        {
            f"{NETS[net]}, {name}": (net, at)
            for net in NETS
            for at, name in enumerate(("root mean square", "largest |z|"))
        },
        cell,
        note="This is how the root mean square was chosen.",
    )


def _values(
    confused: Mapping[str, Sequence[Confusion]],
    blamed: Mapping[int, Sequence[Accused]],
    chosen: Mapping[int, Mapping[str, Sequence[tuple[int, int]]]],
) -> Mapping[str, Value]:
    logs = [each for rows in confused.values() for each in rows]
    right = sum(each.named[each.story] for each in logs)
    alone = sum(each.alone for each in logs)
    n = sum(each.n for each in logs)
    origin = f"logs of {PRINTED} epochs, odd seeds, each without the runs of its seed"
    counts = {
        epochs: (sum(each.count for each in groups), sum(each.n for each in groups))
        for epochs, groups in blamed.items()
    }
    worst = max(counts, key=lambda epochs: counts[epochs])
    apart = [chosen[PRINTED][net][0] for net in NETS]
    return {
        "logs": Value(str(n), origin),
        "named": Value(str(right), f"in which the true story was named, {origin}"),
        "alone": Value(str(alone), f"in which it was named alone, {origin}"),
        "pairs": Value(str(sum(pairs for _, pairs in apart)), "pairs of stories of a net"),
        "apart": Value(str(sum(pairs for pairs, _ in apart)), "told apart, by even seeds"),
        "healthy": Value(str(counts[PRINTED][1]), f"healthy logs, {origin}"),
        "accused": Value(str(counts[PRINTED][0]), f"called anything but healthy, {origin}"),
        "worst": Value(str(counts[worst][0]), f"the most, at logs of {worst} epochs"),
        "epochs": Value(str(PRINTED), "as many as the notebook shows"),
    }
