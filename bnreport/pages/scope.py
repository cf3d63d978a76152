"""Say in a few words for whom a study's results hold, by its trials, claims and records."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from bnreport.analysis.report import StudyReport
from bnreport.presentation.formats import counted, joined
from bnreport.protocol.checks import Probe
from bnreport.protocol.data import FASHION_MNIST_NAME, data_named
from bnreport.protocol.datasets import FILES, VALIDATION_IMAGES
from bnreport.protocol.measurements import FactsTrial, ToyTrial
from bnreport.protocol.nets import Net
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.residual import Residual
from bnreport.protocol.scorings import DEPLOYED, Scoring
from bnreport.protocol.trials import Trial, checks_of

# What trains a net by a seed.
Trained: TypeAlias = Trial | Recipe

LIBRARIES = {"keras": "Keras", "tensorflow": "TensorFlow", "jax": "JAX"}
# What the facts of a part are about.
PARTS = {
    "switches": "of switches",
    "numbers": "of numbers",
    "reference": "of our formulas",
    "spoiled": "of a spoiled batch",
}
ACTIVATIONS = {"relu": "ReLU", "leaky_relu": "leaky ReLU"}
NOTEBOOK = {"baseline": "without BN", "bn": "with BN"}
LABELS = "train-labels-idx1-ubyte.gz"
SCHEDULES = {"constant": "constant", "linear": "falling to zero"}
# More metrics than that, or longer ones, are told with the claims alone.
FEW, SHORT = 2, 280
# Of more numbers than that the ends are told.
MOST = 3


def scope(report: StudyReport) -> Mapping[str, str]:
    """The reach of the results, by name: the net, the data, the steps, the seeds and the score."""
    judged = [runs.trial for runs in report.study.runs if runs.full]
    if facts := [trial for trial in judged if isinstance(trial, FactsTrial)]:
        return _of_facts(report, facts)
    if descents := [trial for trial in judged if isinstance(trial, ToyTrial)]:
        return _of_descents(report, descents)
    return _of_training(report, [trial for trial in judged if isinstance(trial, Trial | Recipe)])


def _of_training(report: StudyReport, trials: Sequence[Trained]) -> dict[str, str]:
    trained = [trial for trial in trials if trial.epochs]
    seeds = sorted({seed for runs in report.study.runs for seed in runs.full})
    parts = {
        "Net": "; ".join(_merged([_net(trial.net) for trial in trials])),
        "Data": _data(trials, report),
        "Training": _training(trials),
        **({"Learning rate": _rates(report, trained)} if trained else {}),
        "Seeds": _seeds(report, seeds),
    }
    metrics = list(dict.fromkeys(claim.metric for claim in report.study.claims))
    listed = "; ".join(metrics)
    if 0 < len(metrics) <= FEW and len(listed) <= SHORT:
        parts["Score"] = listed
    if statistics := _statistics([trial for trial in trials if _normalized(trial)], report):
        parts["BN"] = statistics
    return parts


def _seeds(report: StudyReport, seeds: Sequence[int]) -> str:
    paired = ", paired" if report.study.claims else ""
    return f"{_pairs(report, len(seeds))}{paired} ({seeds[0]} to {seeds[-1]})"


def _pairs(report: StudyReport, seeds: int) -> str:
    """Count the seeds that judge a claim: not all that train judge each."""
    judged = [v for v in report.verdicts.values() if v.findings and "rounds" not in v.claim.seeds]
    counts = sorted({verdict.n for verdict in judged}) or [seeds]
    return str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]} a claim"


def _statistics(trials: Sequence[Trained], report: StudyReport) -> str:
    """Name what nets with BN are scored by; nothing where there are none, or claims are exact."""
    claims = report.study.claims
    if claims and all(claim.kind == "exact" for claim in claims):
        return ""
    momenta = sorted({f"{trial.momentum:g}" for trial in trials if isinstance(trial, Trial)})
    recipes = [trial for trial in trials if isinstance(trial, Recipe)]
    scorings = [m for trial in recipes for m in trial.measures if isinstance(m, Scoring)]
    names = {name for scoring in scorings for name in scoring.by}
    averages = [average for trial in recipes for average in trial.averages]
    carried = {average.momentum for average in averages if average.name in names}
    carried |= {DEPLOYED.momentum} if "deployed" in names else set()
    # A probe looks at a batch as training does; a claim in points is one on accuracies.
    probed = any(isinstance(check, Probe) for trial in trials for check in checks_of(trial))
    ways = ["as in training, by the statistics of the batch that is looked at"] if probed else []
    if not probed or any(claim.unit == "pp" for claim in claims):
        by = f"by moving averages of momentum {' or '.join(momenta)}"
        ways += [f"as Keras would deploy it: {by}"]
    if recipes:
        ways = ["by fresh statistics of training images"] if "fresh" in names else []
        ways += ["by plain means of batches"] if "means" in names else []
        ends = dict.fromkeys(f"{end:g}" for end in sorted(carried)[:: max(1, len(carried) - 1)])
        by = f"by moving averages (deployed) of momentum {' to '.join(ends)}"
        ways += [by] if carried else []
    return joined(ways, "and") if trials else ""


def _of_facts(report: StudyReport, trials: Sequence[FactsTrial]) -> dict[str, str]:
    provenances = [record.provenance for record in report.records.values()]
    versions = {
        word: " or ".join(sorted({p.versions[name] for p in provenances if name in p.versions}))
        for name, word in LIBRARIES.items()
    }
    by_part = {trial.part: len(trial.facts) for trial in trials}
    score = counted(sum(by_part.values()), "fact") + " on both backends"
    if len(by_part) > 1:
        score += f": {', '.join(f'{n} {PARTS[part]}' for part, n in by_part.items())}"
    return {
        "Library": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "Net": "one layer in small models",
        "Data": "small arrays, and an epoch's number of batches",
        "Chance": "none, but for the batches that our formulas are tried on",
        "Score": score,
        "Machine": "; ".join(sorted({p.device for p in provenances})),
    }


def _of_descents(report: StudyReport, trials: Sequence[ToyTrial]) -> dict[str, str]:
    seeds = sorted({seed for runs in report.study.runs for seed in runs.full})
    rates = sorted({rate for trial in trials for rate in trial.rates})
    return {
        "Problem": f"least squares, {_span({t.dimensions for t in trials}, 'dimension')}",
        "Condition number": joined([f"{trial.condition:,g}" for trial in trials], "or"),
        "Training": f"each problem whole, {_span({t.steps for t in trials}, 'step')}",
        "Learning rate": f"constant, {len(rates)} from {_plain(rates[0])} to {_plain(rates[-1])}",
        "Seeds": _seeds(report, seeds) + " for each condition number",
    }


def _plain(number: float) -> str:
    return f"{number:,.4f}".rstrip("0").rstrip(".")


def _merged(wholes: Iterable[Sequence[str]]) -> list[str]:
    """Different wholes, each once; those that differ in one part are named together.

    Args:
        wholes: the parts of each whole, as "dense", "300-100 units" and "ReLU".
    """
    groups: list[list[list[str]]] = []
    left = [[[part] for part in parts] for parts in dict.fromkeys(map(tuple, wholes))]
    # Groups that were named together may differ in one part themselves.
    while len(groups) != len(left):
        groups, left = left, []
        for group in groups:
            for known in (each for each in left if len(each) == len(group)):
                apart = [at for at, parts in enumerate(group) if known[at] != parts]
                if len(apart) == 1:
                    known[apart[0]] += group[apart[0]]
                    break
            else:
                left.append(group)
    return [", ".join(_alternatives(part) for part in group) for group in groups]


def _alternatives(texts: Sequence[str]) -> str:
    """Texts with "or", the unit that all of them share once: "10, 30 or 100 layers"."""
    words = [text.split(" ") for text in texts]
    shared = {" ".join(each[1:]) for each in words}
    if len(texts) > 1 and len(shared) == 1 and shared != {""}:
        return f"{joined([each[0] for each in words], 'or')} {shared.pop()}"
    return joined(texts, "or")


def _net(net: str | Net | Residual) -> tuple[str, ...]:
    """The words for a net, part by part."""
    if isinstance(net, str):
        return (f"the notebook's net {NOTEBOOK[net]}",)
    if isinstance(net, Residual):
        kind = "residual" if net.shortcut == "identity" else "plain"
        return kind, f"{net.depth} layers", _widths(net), "ReLU"
    activation = ACTIVATIONS.get(net.activation, net.activation)
    sizes = "-".join(map(str, net.hidden))
    if net.filters:
        return f"{'-'.join(map(str, net.filters))} filters", f"then {sizes} dense", activation
    if len(set(net.hidden)) == 1 and len(net.hidden) > 2:
        return f"{len(net.hidden)} dense layers of {net.hidden[0]}", activation
    return "dense", f"{sizes} units", activation


def _widths(net: Residual) -> str:
    return f"{'-'.join(map(str, net.widths))} {'filters' if net.filters else 'units'}"


def _images(trial: Trained) -> int:
    return trial.images or FILES[LABELS][1][0] - VALIDATION_IMAGES


def _data(trials: Sequence[Trained], report: StudyReport) -> str:
    """Name each data set once, with how many of its images train."""
    if report.profile == "quick":
        return "scikit-learn's digits"
    images: dict[str, set[int]] = {}
    for trial in trials:
        data = data_named(trial.data if isinstance(trial, Recipe) else FASHION_MNIST_NAME)
        images.setdefault(data.title, set()).add(_images(trial))
    return "; ".join(
        f"{title}, {joined([f'{size:,}' for size in sorted(sizes)], 'or')} training images"
        for title, sizes in images.items()
    )


def _training(trials: Sequence[Trained]) -> str:
    """The length of the training; runs that differ in one number of it are named together."""
    epochs_by: dict[tuple[int, int], dict[int, None]] = {}
    for trial in (trial for trial in trials if trial.epochs):
        steps = trial.epochs * math.ceil(_images(trial) / trial.batch_size)
        epochs_by.setdefault((trial.batch_size, steps), {})[trial.epochs] = None
    lengths_by: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for length, counts in epochs_by.items():
        lengths_by.setdefault(tuple(counts), []).append(length)
    # Where each batch size is one and the same, so is its name.
    alone = all(len(counts) == len(lengths) == 1 for counts, lengths in lengths_by.items())
    if alone and len({size for ((size, _),) in lengths_by.values()}) == 1:
        apart = sorted((counts[0], length) for counts, (length,) in lengths_by.items())
        lengths_by = {tuple(count for count, _ in apart): [length for _, length in apart]}
    courses = [
        f"{_span(epochs, 'epoch')} of batches of {_span(size for size, _ in lengths)}: "
        f"{_span((count for _, count in lengths), 'step')}"
        for epochs, lengths in lengths_by.items()
    ]
    untrained = ["nets as they start"] if any(not trial.epochs for trial in trials) else []
    return "; ".join(courses + untrained)


def _span(counts: Iterable[int], noun: str = "") -> str:
    """Numbers of things: "2 epochs", "32 or 128", "80 to 20,480 steps"."""
    each = list(dict.fromkeys(counts))
    ends = f"{min(each):,} to {max(each):,}"
    text = ends if len(each) > MOST else joined([f"{count:,}" for count in each], "or")
    return f"{text} {noun}{'' if each == [1] else 's'}" if noun else text


def _rates(report: StudyReport, trials: Sequence[Trained]) -> str:
    """The rates, and whether they stay."""
    rates = sorted({trial.learning_rate for trial in trials})
    tuning = {seed for runs in report.study.runs for seed in runs.tuning}
    span = f"{rates[0]:g} to {rates[-1]:g}" if len(rates) > 1 else f"{rates[0]:g}"
    names = [trial.schedule.name if isinstance(trial, Recipe) else "constant" for trial in trials]
    course = " or ".join(SCHEDULES[name] for name in dict.fromkeys(names))
    return f"{course}, {span}" + (
        f"; where tuned, on {counted(len(tuning), 'other seed')}" if tuning else ""
    )


def _normalized(trial: Trained) -> bool:
    if isinstance(trial.net, str):
        return trial.net == "bn"
    return trial.net.normalizer in {"batch", "ghost", "noisy", "renorm"}
