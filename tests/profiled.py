"""Run one of each kind of trial in this process, and say which functions of ours were entered.

`tests.noted.run` prints a line of JSON: by kind of trial, or by probe, the module and the qualified
name of each function. A process of its own: what another test has compiled is not entered again.
"""

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from functools import partial
from types import FrameType, SimpleNamespace
from typing import Any

from bnreport.benchmark.tasks import Task
from bnreport.protocol.checks import Probe, Score
from bnreport.protocol.datasets import Profile
from bnreport.protocol.facts import FACTS, Linger
from bnreport.protocol.measurements import LADDER, TimingTrial, ToyTrial
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import LINEAR, Optimizer
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.residual import Residual
from bnreport.protocol.scorings import Average, Averaged, Branches, Drift, Rotations, Scoring
from bnreport.protocol.trials import AnyTrial, Identity, Trial
from bnreport.records.code import executed
from bnreport.records.code.definitions import Package
from bnreport.records.code.source import Entry
from bnreport.records.provenance import PACKAGE, ROOT
from tests import noted

Entered = set[tuple[str, str]]
FOLDER = str(ROOT / PACKAGE)
SOURCES = Package.at(ROOT, PACKAGE, {executed.PROBES.name})
# What writes a run down, whatever was executed: its record, its id, its provenance.
_WRITERS = [
    SOURCES.find(Entry(name)) for name in ("Record", "Provenance", "run_digest", "is_checkout")
]
WRITERS = {key.module for key in _WRITERS if key}
RUN_ID = "Identity.run_id"
# What hands a run out to what executes it.
_WORKERS = [
    SOURCES.find(entry)
    for entry in (
        Entry("Desk", ("Origin",)),
        executed.PERFORMERS,
        Entry("perform", ("PERFORMERS",)),
    )
]
WORKERS = {key.module for key in _WORKERS if key}
# Nets that together have every kind of layer.
NETS: tuple[dict[str, Any], ...] = (
    {"normalizer": "ghost", "groups": 16, "dropout": 0.2, "normalized_inputs": True},
    {"normalizer": "noisy", "placement": "after", "activation": "leaky_relu"},
    {"normalizer": "weight", "initializer": "GlorotUniform", "activation": "tanh"},
    {"normalizer": "group", "filters": (4,), "groups": 2},
    {"normalizer": "layer"},
)
SMALL = Net(hidden=(8, 6), normalizer="batch")
# Residual nets, which together have every kind of layer, on data sets that are not the profile's.
RESIDUAL: dict[str, dict[str, Any]] = {
    "fixup": {
        "net": Residual(filters=(2, 4), blocks=1, normalizer="none", start="fixup"),
        "data": "fashion-mnist-14",
        "shifts": True,
    },
    "groups": {
        "net": Residual(filters=(), hidden=(4,), blocks=1, normalizer="group"),
        "data": "mnist-1d",
        "measures": (Scoring(name="end"), Branches(name="branches", steps=(0,))),
    },
}
SETTINGS: dict[str, dict[str, Any]] = {
    "landscape": {"relative": 1, "steps": (0.5, 1.0)},
    "scaling": {"factors": (0.5, 2.0)},
    "similarity": {"centred": 1},
}


def profiled(work: Callable[[], object]) -> Entered:
    """The functions of ours that a piece of work enters, in any thread of this process.

    Those that write a run down are left out, and what these call.
    """
    entered: Entered = set()

    def listen(frame: FrameType) -> None:
        module = frame.f_globals["__name__"]
        place = module, frame.f_code.co_qualname
        if place not in entered and module not in WORKERS and not _writes(frame):
            entered.add(place)

    noted.LISTENERS.append(listen)
    try:
        work()
    finally:
        noted.LISTENERS.remove(listen)
    return entered


def _writes(frame: FrameType | None) -> bool:
    """Whether a call comes through what writes a run down."""
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(FOLDER) and (
            frame.f_globals["__name__"] in WRITERS or code.co_qualname == RUN_ID
        ):
            return True
        frame = frame.f_back
    return False


def train(name: str, net: Net, **fields: Any) -> Trial:
    """A trial of few images; without epochs it is scored once."""
    score = Score(name="s", steps=(0,), mode="batch", images=64)
    more = {"epochs": 0, "checks": (score,), "learning_rate": 0.1, **fields}
    return Trial.model_validate({"name": name, "net": net, **more})


def trials() -> Iterator[AnyTrial]:
    """Trials that together execute all that runs of their kinds can."""
    checks = (
        Score(name="batch", steps=(0,), mode="batch", images=64),
        Score(name="precise", steps=(2,), mode="precise", precise_images=64, images=64),
        Probe(name="p", steps=(0, 2), probe="drift"),
    )
    most = {
        "epochs": 2,
        "images": 80,
        "score_epochs": (2,),
        "inputs": "std",
        "split": "seed",
        "order": "fixed batches",
        "start": "unit variance",
        "weight_decay": 1e-4,
        "replay_after": 1,
        "checks": checks,
    }
    yield train("most", SMALL, **most)
    for number, net in enumerate(NETS):
        yield train(f"net{number}", Net(hidden=(8,), **net))
    for probe in sorted(SOURCES.table(executed.PROBES)):
        check = Probe(
            name="p", steps=(0,), probe=probe, images=60, settings=SETTINGS.get(probe, {})
        )
        yield train(probe, SMALL, checks=(check,))
    yield Recipe(
        name="recipe",
        net=SMALL,
        learning_rate=0.01,
        epochs=2,
        images=80,
        batch_size=32,
        optimizer=Optimizer(rule="adamw", weight_decay=0.1),
        schedule=LINEAR,
        inputs="std",
        averages=(Average(momentum=0.9, corrected=True),),
        measures=(
            Scoring(name="end", by=("deployed", "fresh", "means", "m0.9-corrected")),
            Drift(name="drift", steps=(1,)),
            Rotations(name="turns", steps=(1,)),
            Averaged(name="tail", steps=(2,), span=2),
        ),
    )
    for rule, micro_batch in (("sgd", 20), ("momentum", 0), ("nesterov", 0)):
        yield Recipe(
            name=rule,
            net=Net(hidden=(8,)),
            learning_rate=0.01,
            epochs=1,
            images=80,
            batch_size=40,
            micro_batch=micro_batch,
            optimizer=Optimizer.model_validate({"rule": rule}),
        )
    first = {"name": "first", "net": SMALL, "classes": (1, 2), "learning_rate": 0.01}
    first |= {"epochs": 1, "images": 80, "batch_size": 16, "measures": ()}
    scored = {"kind": "scoring", "name": "s", "by": ("own", "class-8"), "images": 16}
    measures = [
        scored | {"name": f"s{place}", "change": {"kind": kind, "amount": amount}}
        for place, (kind, amount) in enumerate(
            (("noise", 0.1), ("dim", 0.5), ("inversion", 0.0), ("blur", 1.0))
        )
    ]
    measures.append({"kind": "slopes", "name": "g", "steps": (0,)})
    turns = {"change": {"kind": "inversion"}, "of": "images"}
    yield Recipe.model_validate(first | {"name": "turns", "turns": turns})
    frozen = {"frozen": ("norm1",), "order": "one class", "images": 200}
    yield Recipe.model_validate(
        first | {"name": "second", "start": first, "measures": measures} | frozen
    )
    for name, fields in RESIDUAL.items():
        yield Recipe.model_validate(
            {"name": name, "learning_rate": 0.01, "epochs": 1, "images": 80, **fields}
        )
    yield TimingTrial(
        name="timing",
        nets=("bn", "small"),
        structures={"small": SMALL},
        learning_rate=0.1,
        rounds=1,
        images=64,
    )
    yield ToyTrial(name="toy", dimensions=3, condition=4.0, rates=(0.1, 1.0), steps=5)


def main() -> None:
    """Print what each trial enters."""
    from bnreport.benchmark import implementations
    from bnreport.running import desk, worker
    from bnreport.training.facts import ask, courses, differences, numbers, spoiled, switches, tuned
    from bnreport.training.images import load

    finders = SimpleNamespace(
        ask=ask,
        courses=courses,
        differences=differences,
        numbers=numbers,
        spoiled=spoiled,
        switches=switches,
        tuned=tuned,
    )
    origin = desk.Origin(executed.today(), {"s": "c"}, "unknown", True)

    def begun() -> desk.Desk:
        return desk.set_up(lambda: load("quick", None), origin, 1, lambda _: None)

    def perform(trial: AnyTrial) -> None:
        # Runs that share a program train together. The quick profile has one data set.
        profile: Profile = "full" if trial.name in RESIDUAL else "quick"
        runs = tuple(
            Identity(study="s", trial=trial, seed=seed, data="d", profile=profile)
            for seed in ((1, 2) if isinstance(trial, Trial) else (1,))
        )
        worker.perform(runs, ready if isinstance(trial, ToyTrial) else begun())

    # The notebook's `fit` prints, and so do the facts.
    with redirect_stdout(io.StringIO()):
        ready = begun()
        found = {
            f"{trial.kind} {trial.name}": sorted(profiled(partial(perform, trial)))
            for trial in trials()
        }
        found["facts"] = sorted(profiled(partial(facts, finders)))
        found["bench"] = sorted(
            profiled(lambda: bench(implementations.Implementations(load("quick", None))))
        )
    json.dump(found, sys.stdout)


def bench(contenders: Any) -> None:
    """Run each contender of the benchmark once, as its processes do."""
    contenders.place()
    # Not its loops of Keras, whose `fit` a run of the kind "timing" compiles already.
    for what in ("engine", *LADDER):
        contenders.perform(Task(what, "bn", 1, 1, 0.1, 256))


def facts(finders: SimpleNamespace) -> None:
    """Find the facts of each part, as the process does in which runs find them, on few cases."""
    courses, spoiled, tuned = finders.courses, finders.spoiled, finders.tuned
    finders.numbers.IMAGES, finders.differences.CASES = 64, 1
    spoiled.MANY, spoiled.NETS = 1, ("batch",)
    spoiled.SPOILED = {"nan": ("clipped", "scaled", "dropped"), "infinity": (), "overflow": ()}
    spoiled.LINGER = Linger(2, (10,), 0.5)
    spoiled.LATER = courses.LATER = courses.AROUND = 1
    tuned.IMAGES, tuned.EPOCHS, tuned.INFERRED = 32, 1, ("frozen",)
    finders.switches.STATES = ("thawed",)
    for part in FACTS:
        finders.ask.main(json.dumps({"part": part, "seed": 1, "threads": 1}))
