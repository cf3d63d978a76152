"""A digest follows what is executed: not where it lies, how it looks, or what lies beside it."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from bnreport.errors import BnreportError
from bnreport.protocol.checks import Probe, Score
from bnreport.protocol.trials import Trial
from bnreport.records.code import executed
from bnreport.records.code.definitions import Package
from bnreport.records.code.source import Entry, Key, UnseenError
from bnreport.records.provenance import ROOT

# A made-up package: what trains, and what only lies beside it.
TOY = {
    "toy/__init__.py": '"""A package."""\n',
    "toy/train.py": '''"""Train."""

import numpy as np
from pydantic import BaseModel

from toy import layers
from toy.draws import SEED, draw as drawn
from toy.errors import Wrong


class Trial(BaseModel):
    """A trial."""

    rate: float = 0.1
    name: str = "a"
    unread: int = 3

    @property
    def half(self) -> float:
        """Half of the rate."""
        return self.rate / 2

    @property
    def unused(self) -> int:
        return 1


class Course:
    """On its way."""

    decay = 0.5

    def __init__(self, trial: Trial) -> None:
        self.trial = trial

    def step(self, size: int = 2) -> float:
        """A step."""
        # The update.
        return self.trial.half * layers.norm(drawn(size, SEED)) * self.decay

    def unused(self) -> None:
        """Nobody asks for it."""


@np.vectorize
def rounded(x: float) -> float:
    return round(x, 3)


def train(trial: Trial) -> float:
    """Train it."""
    if trial.rate < 0:
        raise Wrong("Expected a rate.")
    look_up(trial, "rate")
    return rounded(Course(trial).step() + sum(row for row in rows()))


def look_up(trial: Trial, name: str) -> float:
    return getattr(trial, name)


def rows() -> list[float]:
    train = 3.0
    return [train]
''',
    "toy/layers.py": '''"""Layers."""

import keras


class Base(keras.layers.Layer):
    def call(self, x):
        return x


def norm(x: float) -> float:
    """A norm."""
    from toy.deep import deepest

    return PROBES["first"](x) + deepest(x)


def first(x: float) -> float:
    return abs(x)


def second(x: float) -> float:
    return -abs(x)


PROBES = {"first": first, "second": second}
''',
    "toy/draws.py": '''"""Draws."""

SEED = 7


def draw(size: int, seed: int) -> float:
    """A draw."""
    return size * seed / 3
''',
    "toy/deep.py": "def deepest(x):\n    return x * 2\n",
    "toy/errors.py": '''class Basis(Exception):
    """A basis."""


class Wrong(Basis):
    """It is wrong."""
''',
    "toy/beside.py": "from toy.train import Trial\n\n\ndef train():\n    return Trial\n",
}
ENTRY = Entry("train", ("Course",))


def package(sources: Mapping[str, str]) -> Package:
    return Package(sources, {"PROBES"})


def digest(sources: Mapping[str, str], entry: Entry = ENTRY) -> str:
    found = package(sources)
    key = found.find(entry)
    assert key
    return found.digest([key])


def reached(sources: Mapping[str, str]) -> set[str]:
    found = package(sources)
    key = found.find(ENTRY)
    assert key
    return {f"{key.name}.{key.member}".strip(".") for key in found.reached([key])}


def edited(name: str, old: str, new: str) -> dict[str, str]:
    assert TOY[name].count(old) == 1, (name, old)
    return {**TOY, name: TOY[name].replace(old, new)}


def test_what_an_entry_executes_is_reached_wherever_it_lies() -> None:
    assert reached(TOY) == {
        *("train", "Trial", "Trial.rate", "Trial.half", "Course", "Course.step", "rounded"),
        *("look_up", "rows", "norm", "deepest", "draw", "SEED", "Wrong", "Basis"),
    }


def test_a_member_may_be_named_by_a_string_or_a_keyword() -> None:
    by_name = edited("toy/train.py", 'look_up(trial, "rate")', 'look_up(trial, "unread")')
    assert reached(by_name) - reached(TOY) == {"Trial.unread"}
    by_keyword = edited("toy/train.py", 'look_up(trial, "rate")', "Trial(unread=1)")
    assert "Trial.unread" in reached(by_keyword)


def renamed(sources: Mapping[str, str], old: str, new: str) -> dict[str, str]:
    """The package with a module under another name, which its importers follow."""
    path, to = f"toy/{old}.py", f"toy/{new.replace('.', '/')}.py"
    head, _, last = f"toy.{new}".rpartition(".")
    alias = last if last == old else f"{last} as {old}"
    return {
        (to if name == path else name): text.replace(
            f"from toy import {old}", f"from {head} import {alias}"
        ).replace(f"from toy.{old} import", f"from toy.{new} import")
        for name, text in sources.items()
    }


@pytest.mark.parametrize("module", ["train", "layers", "draws", "deep", "errors"])
@pytest.mark.parametrize("place", ["room.{}", "{}ed", "room.inner.{}ed"])
def test_a_module_may_be_renamed_or_moved(module: str, place: str) -> None:
    moved = renamed(TOY, module, place.format(module))
    assert set(moved) != set(TOY)
    assert digest(moved) == digest(TOY)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("train.py", '"""Train it."""', '"""Trains it,\n\n    at length."""'),
        ("train.py", '    """Train it."""\n', ""),
        ("train.py", '    """A trial."""\n\n', ""),
        ("train.py", "# The update.", "# An update."),
        ("train.py", "return [train]", "return [\n        train\n    ]"),
        ("train.py", "import numpy as np\n", "import math\nimport numpy as np\n"),
        ("train.py", "from toy import layers\n", "from toy import beside, layers\n"),
        (
            "train.py",
            "from toy.errors import Wrong",
            "import toy.errors\nfrom toy.errors import Wrong",
        ),
        ("train.py", "layers.norm(", "toy.layers.norm("),
        ("train.py", "from toy import layers\n", "from toy import layers as layers\n"),
        ("train.py", "    unread: int = 3\n", "    unread: int = 4\n    later: int = 5\n"),
        ("train.py", "        return 1\n", "        return 2\n"),
        ("train.py", '    def unused(self) -> None:\n        """Nobody asks for it."""\n', ""),
        ("layers.py", "    return -abs(x)", "    return abs(x) ** 2"),
        ("layers.py", '"second": second}', '"second": second, "third": second}'),
        ("layers.py", "\n\nPROBES", "\n\ndef third(x):\n    return x\n\n\nPROBES"),
        ("errors.py", "class Wrong", "class Other(Basis):\n    pass\n\n\nclass Wrong"),
        ("draws.py", "SEED = 7", "SEED = 7\nOTHER = 8"),
        ("beside.py", "return Trial", "return None"),
    ],
)
def test_what_is_not_executed_does_not_count(name: str, old: str, new: str) -> None:
    sources = edited(f"toy/{name}", old, new)
    if "toy.layers.norm" in new:
        sources["toy/train.py"] = f"import toy\n{sources['toy/train.py']}"
    assert digest(sources) == digest(TOY)


def test_an_alias_is_the_name_that_it_stands_for() -> None:
    text = TOY["toy/train.py"].replace("draw as drawn", "draw").replace("drawn(", "draw(")
    text = text.replace("import numpy as np", "from numpy import vectorize")
    text = text.replace("@np.vectorize", "@vectorize")
    assert digest({**TOY, "toy/train.py": text}) == digest(TOY)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("train.py", "rate: float = 0.1", "rate: float = 0.2"),
        ("train.py", "return self.rate / 2", "return self.rate / 3"),
        ("train.py", "decay = 0.5", "decay = 0.6"),
        ("train.py", "size: int = 2", "size: int = 3"),
        ("train.py", ") * self.decay", ") / self.decay"),
        ("train.py", "@np.vectorize\n", ""),
        ("train.py", "@np.vectorize", "@np.frompyfunc"),
        ("train.py", "import numpy as np", "import jax.numpy as np"),
        ("train.py", "round(x, 3)", "round(x, 4)"),
        ("train.py", "train = 3.0", "train = 3"),
        ("train.py", "        self.trial = trial", "        self.trial = trial.copy()"),
        ("train.py", '"rate")\n    return', '"unread")\n    return'),
        ("layers.py", 'PROBES["first"](x)', 'PROBES["second"](x)'),
        ("layers.py", "(x) + deepest(x)", "(x) - deepest(x)"),
        ("deep.py", "x * 2", "x * 3"),
        ("draws.py", "SEED = 7", "SEED = 8"),
        ("draws.py", "SEED = 7", "SEED = 7\nSEED += 1"),
        ("draws.py", "SEED = 7", "SEED = 7\nprint(SEED)"),
        ("draws.py", "size * seed", "seed * size"),
        ("errors.py", "class Wrong(Basis)", "class Wrong(Exception)"),
    ],
)
def test_what_is_executed_counts(name: str, old: str, new: str) -> None:
    assert digest(edited(f"toy/{name}", old, new)) != digest(TOY)


def test_two_definitions_of_one_name_are_told_apart_by_what_they_say() -> None:
    one = {
        "toy/a.py": "def norm(x):\n    return x + 1\n",
        "toy/b.py": "def norm(x):\n    return x - 1\n",
        "toy/c.py": "from toy import a, b\n\n\ndef run(x):\n    return a.norm(x) / b.norm(x)\n",
    }
    other = {
        **one,
        "toy/c.py": one["toy/c.py"].replace("a.norm(x) / b.norm(x)", "b.norm(x) / a.norm(x)"),
    }
    assert digest(one, Entry("run")) != digest(other, Entry("run"))
    moved = {
        name.replace("/a", "/z"): text.replace("import a", "import z as a")
        for name, text in one.items()
    }
    assert digest(moved, Entry("run")) == digest(one, Entry("run"))


@pytest.mark.parametrize(
    "body",
    [
        "globals()[x]()",
        "eval(x)",
        "getattr(draws, x)()",
        "importlib.import_module(x).draw()",
    ],
)
def test_a_name_that_is_nowhere_written_down_is_refused(body: str) -> None:
    sources = {
        **TOY,
        "toy/deep.py": "import importlib\nfrom toy import draws\n\n\n"
        f"def deepest(x):\n    return {body}\n",
    }
    with pytest.raises(UnseenError, match=r"Received: \w+\(…\) in line 6 of toy\.deep\."):
        digest(sources)


def test_all_names_of_a_module_at_once_are_refused() -> None:
    with pytest.raises(UnseenError, match=r"all names of toy\.draws in toy\.deep"):
        digest(edited("toy/deep.py", "def", "from toy.draws import *\n\n\ndef"))


@pytest.mark.parametrize(
    ("body", "leads"),
    [
        ("[norm for norm in norm()]", True),
        ("[norm for norm in ()]", False),
        ("(lambda norm: norm)(1)", False),
        ("(lambda x=norm: x)()", True),
        ("[x for x in () if norm]", True),
    ],
)
def test_a_local_name_is_none_of_the_module(body: str, leads: bool) -> None:
    sources = {"toy/a.py": f"def norm():\n    return []\n\n\ndef run():\n    return {body}\n"}
    found = package(sources)
    assert (Key("toy.a", "norm") in found.reached([Key("toy.a", "run")])) is leads


def test_a_module_that_is_run_by_its_name_is_followed() -> None:
    sources = {
        "toy/a.py": 'import subprocess\n\n\ndef run():\n    subprocess.run(["-m", "toy.b"])\n',
        "toy/b.py": 'def main():\n    return 1\n\n\nif __name__ == "__main__":\n    main()\n',
    }
    moved = {
        "toy/a.py": sources["toy/a.py"].replace("toy.b", "toy.room.c"),
        "toy/room/c.py": sources["toy/b.py"],
    }
    assert digest(moved, Entry("run")) == digest(sources, Entry("run"))
    changed = {**sources, "toy/b.py": sources["toy/b.py"].replace("1", "2")}
    assert digest(changed, Entry("run")) != digest(sources, Entry("run"))


def test_where_a_file_lies_is_no_part_of_what_it_does() -> None:
    one = "ROOT = Path(__file__).parents[1]\n\n\ndef run():\n    return ROOT\n"
    deeper = one.replace(".parent", ".parent.parent")
    assert digest({"toy/a.py": one}, Entry("run")) == digest({"toy/b/a.py": deeper}, Entry("run"))


def test_relative_imports_are_followed() -> None:
    text = TOY["toy/train.py"].replace("from toy import", "from . import")
    text = text.replace("from toy.", "from .")
    assert digest({**TOY, "toy/train.py": text}) == digest(TOY)


def test_names_are_followed_through_the_init_of_a_package() -> None:
    moved = edited("toy/layers.py", "from toy.deep import", "from toy.room import")
    moved["toy/room/__init__.py"] = "from .inner import deepest\n"
    moved["toy/room/inner.py"] = moved.pop("toy/deep.py")
    assert digest(moved) == digest(TOY)


def test_modules_may_import_each_other_in_a_circle() -> None:
    sources = {
        "toy/__init__.py": "from toy.a import run\n",
        "toy/a.py": "from toy import b\nfrom toy.b import half\n\n\n"
        "def run():\n    return half()\n",
        "toy/b.py": "from toy.a import run\n\n\ndef half():\n    return 1, run, absent\n",
    }
    found = package(sources).reached([Key("toy.a", "run")])
    assert found == {Key("toy.a", "run"), Key("toy.b", "half")}
    sources["toy/b.py"] = f"from toy import absent\n{sources['toy/b.py']}"
    sources["toy/__init__.py"] += "from toy.c import absent\n"
    sources["toy/c.py"] = "from toy import absent\n"
    assert package(sources).reached([Key("toy.a", "run")]) == found


def test_an_entry_that_two_modules_define_is_refused() -> None:
    with pytest.raises(UnseenError, match=r"toy\.beside, toy\.train"):
        package(TOY).find(Entry("train"))
    assert package(TOY).find(Entry("nothing")) is None
    former = (Entry("none"), ENTRY)
    assert package(TOY).find(Entry("nothing", formerly=former)) == Key("toy.train", "train")


# The package itself: each change by what it is called, and the digests that it changes.
TRAINED = {"train", "timing", "notebook"}
ALL_TRAINED = {*TRAINED, "recipe"}
CHANGES: Mapping[str, tuple[str, str, str, set[str]]] = {
    "a layer": ("ops.transpose(inputs)) + self.bias", "inputs) + self.bias", "layers", ALL_TRAINED),
    "a draw": ("(2.0 * uniform - 1.0)", "(1.0 - 2.0 * uniform)", "randomness", ALL_TRAINED),
    "a constant": ("PART = 2_500", "PART = 2_400", "engine", TRAINED),
    "the update": ("w - rate * g", "w - g * rate", "programs", TRAINED),
    "a probe": ("axis=0) <= 0", "axis=0) < 0", "activations", {"probe-activations"}),
    "least squares": ("HIGHEST = -16.0, 6.0", "HIGHEST = -16.0, 7.0", "least_squares", {"toy"}),
    "a fact": ("CASES, MOMENTUM = 20", "CASES, MOMENTUM = 30", "differences", {"facts"}),
    "the reference": (
        "EPSILON, MOMENTUM = 1e-3",
        "EPSILON, MOMENTUM = 1e-4",
        "reference",
        {"facts"},
    ),
    "a new error": (
        "class GateError",
        "class New(BnreportError):\n    pass\n\n\nclass GateError",
        "errors",
        set(),
    ),
    "a new import": ("import numpy as np", "import math\nimport numpy as np", "engine", set()),
    "a new field": (
        '= later(("train", "val"))',
        '= later(("train", "val"))\n    new: int = later(0)',
        "trials",
        set(),
    ),
    "a new draw": ("import numpy as np", "import numpy as np\n\nNEW = 1", "randomness", set()),
    "a docstring": (
        '"""The images on the device."""',
        '"""Put the images there."""',
        "placement",
        set(),
    ),
    "a new property": (
        "    def slopes(self)",
        "    @property\n    def new(self) -> int:\n        return 1\n\n    def slopes(self)",
        "snapshot",
        set(),
    ),
}


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    """The text of each file of the package."""
    files = sorted((ROOT / "bnreport").rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in files}


# What the digest of `begin` follows from, and a file beside it.
ASKING = {
    "toy/begin.py": "from toy import step\ndef begin():\n    return step.take('toy.other')\n",
    "toy/step.py": "def take(what):\n    return what\n",
    "toy/beside.py": "SEED = 1\n",
}


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"toy/beside.py": "SEED = 2\n", "toy/more.py": "MORE = 1\n"}, True),
        ({"toy/begin.py": ASKING["toy/begin.py"].replace("other", "another")}, False),
        ({"toy/step.py": "def take(what):\n    return 2 * what\n"}, False),
        ({"toy/other.py": ""}, False),
        ({"toy/step/__init__.py": ASKING["toy/step.py"]}, False),
        ({"toy/beside.py": "def begin():\n    return 1\n"}, False),
        ({"another/more.py": "MORE = 1\n"}, False),
    ],
    ids=["nothing", "beside", "entry", "reached", "a text", "a package", "a beginning", "outside"],
)
def test_packages_are_the_same_where_all_that_was_asked_has_the_same_answer(
    change: Mapping[str, str], same: bool
) -> None:
    package = Package(ASKING)
    begin = package.find(Entry("begin"))
    assert begin
    package.digest([begin])
    assert Package({**ASKING, **change}).agrees(package.answers) is same


@pytest.fixture(scope="module")
def cells() -> str:
    """The code of the notebook."""
    return executed.cells_of((ROOT / "notebooks" / "notebook.ipynb").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def before(sources: dict[str, str], cells: str) -> dict[str, str]:
    """The digests of the package as it is, but for the benchmark's, which runs nearly all of it."""
    return without_bench(executed.digests(sources, cells))


def without_bench(digests: Mapping[str, str]) -> dict[str, str]:
    return {name: digest for name, digest in digests.items() if name != "bench"}


def holding(sources: Mapping[str, str], module: str, old: str) -> str:
    (found,) = [n for n, text in sources.items() if old in text and Path(n).stem == module]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_package_changes_the_digests_of_what_executes_it(
    change: str, sources: dict[str, str], cells: str, before: dict[str, str]
) -> None:
    old, new, module, names = CHANGES[change]
    path = holding(sources, module, old)
    text = sources[path].replace(old, new, 1)
    after = without_bench(executed.digests({**sources, path: text}, cells))
    assert set(after) == set(before)
    assert {name for name in after if after[name] != before[name]} == names


@pytest.mark.slow
@pytest.mark.parametrize(
    "module",
    [
        "randomness",
        "training.backends",
        "training.probes.registry",
        "training.engine",
        "training.least_squares",
        "protocol.trials",
    ],
)
def test_a_module_of_the_package_may_be_moved_into_another_folder(
    module: str, sources: dict[str, str], cells: str, before: dict[str, str]
) -> None:
    package, _, name = f"bnreport.{module}".rpartition(".")

    def followed(text: str) -> str:
        text = text.replace(f"from {package}.{name} import", f"from bnreport.room.{name}s import")
        return re.sub(
            rf"^( *)from {package} import (.*\b{name}\b.*)$",
            rf"\1from {package} import \2\n\1from bnreport.room import {name}s as {name}",
            text,
            flags=re.M,
        )

    moved = {path: followed(text) for path, text in sources.items()}
    moved[f"bnreport/room/{name}s.py"] = moved.pop(f"{package}.{name}".replace(".", "/") + ".py")
    assert without_bench(executed.digests(moved, followed(cells))) == before


def test_a_new_probe_changes_no_digest(
    sources: dict[str, str], cells: str, before: dict[str, str]
) -> None:
    path = holding(sources, "registry", "PROBES: dict")
    text = sources[path].replace(
        '] = {\n    "activations"', '] = {\n    "new": new,\n    "activations"'
    )
    text += (
        '\n\ndef new(glance: Glance) -> Found:\n    return {"norm": float(abs(glance.x).max())}\n'
    )
    after = without_bench(executed.digests({**sources, path: text}, cells))
    assert after.pop("probe-new")
    assert after == before


def test_a_run_is_known_by_its_kind_and_the_probes_of_its_trial() -> None:
    digests = {"train": "1", "probe-drift": "2", "probe-mates": "3"}
    plain = trial()
    drift, mates = (Probe(name=name, steps=(0,), probe=name) for name in ("drift", "mates"))
    score = Score(name="s", steps=(0,))
    found = [
        executed.run_digest(digests, checked)
        for checked in (plain, trial(drift), trial(drift, mates), trial(mates))
    ]
    assert len(set(found)) == 4
    assert executed.run_digest(digests, trial(score)) == found[0]
    assert executed.run_digest(digests, trial(mates, drift)) == found[2]
    assert executed.run_digest({**digests, "toy": "4"}, plain) == found[0]
    with pytest.raises(BnreportError, match=r"probe-drift.*'t'"):
        executed.run_digest({"train": "1"}, trial(drift))


def trial(*checks: Probe | Score) -> Trial:
    return Trial(name="t", net="bn", learning_rate=0.1, epochs=1, checks=checks)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    sources = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "bnreport", tmp_path / "bnreport", ignore=sources)
    before = executed.today(tmp_path, tmp_path)
    assert {**before, "notebook": ""} == {**executed.today(), "notebook": ""}
    draws = tmp_path / "bnreport/randomness.py"
    draws.write_text(draws.read_text(encoding="utf-8").replace("2.0 * u", "3.0 * u"))
    after = executed.today(tmp_path, tmp_path)
    assert {n for n in after if after[n] != before[n]} - {"bench"} == {"train", "timing", "recipe"}
