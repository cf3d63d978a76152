"""A kind of trial is a class and what performs its runs: nothing else lists the kinds."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import pytest
from pydantic import ValidationError

from bnreport.pages.data.runs import runs_csv
from bnreport.protocol.frozen import Frozen
from bnreport.protocol.kinds import Traits
from bnreport.protocol.trials import KINDS, Identity
from bnreport.records.agreement import compare
from bnreport.records.code import executed
from bnreport.records.provenance import ROOT
from bnreport.records.record import Record
from bnreport.running import worker
from bnreport.running.desk import Desk, Group, Origin
from bnreport.running.orchestrate import needs_images
from bnreport.running.performers import PERFORMERS, Performance
from bnreport.running.scheduler import grouped
from bnreport.running.verification import repeating
from bnreport.training import backends


class Coin(Frozen):
    """Tosses of a coin: a kind of trial that this test alone knows."""

    traits: ClassVar[Traits] = Traits(sees_images=False, bounds=(0.0, 1.0), tolerance=0.1)

    kind: Literal["coin"] = "coin"
    name: str
    tosses: int

    @property
    def metrics(self) -> set[str]:
        """The share of heads."""
        return {"heads"}

    @property
    def length(self) -> int:
        """One value."""
        return 1


class Watched(Coin):
    """Tosses that are timed and look at images."""

    traits: ClassVar[Traits] = Traits(repeats=False, trains_together=True)


class Toss(Identity):
    """The identity of a run of tosses."""

    trial: Coin  # type: ignore[assignment]


def tosses(trial: Coin, number: int) -> list[Any]:
    return [
        Toss(study="s", trial=trial, seed=seed, data="d", profile="quick") for seed in range(number)
    ]


def of(shares: Mapping[int, float]) -> Any:
    """What performs tosses: it finds a share of heads for each seed."""

    def toss(trial: Coin, group: Group, desk: Desk) -> Performance:
        assert (trial.tosses, desk.threads) == (5, 1)
        return Performance([{"history": {"heads": (shares[i.seed],)}} for i in group], ("jax",))

    return toss


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(backends, "name", lambda: "tensorflow")
    monkeypatch.setattr(backends, "accelerator", lambda: None)
    images: Any = "images"
    return Desk(images, Origin({"coin": "code"}, {"s": "claims"}, "commit", False), 1, print)


def perform(
    shares: Mapping[int, float], desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> list[Record]:
    """The records of tosses with these shares of heads."""
    monkeypatch.setattr(worker, "PERFORMERS", {**PERFORMERS, "coin": of(shares)})
    return worker.perform(tuple(tosses(Coin(name="a", tosses=5), len(shares))), desk)


def test_every_kind_has_what_performs_its_runs_and_no_other_does() -> None:
    assert set(PERFORMERS) == set(KINDS)


def test_a_made_up_kind_is_performed_recorded_compared_and_exported(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = perform({0: 0.5, 1: 0.75}, desk, monkeypatch)
    assert (one.history, other.history) == ({"heads": (0.5,)}, {"heads": (0.75,)})
    assert one.provenance.backend == "jax"
    assert "jaxlib" in one.provenance.versions
    assert one.provenance.code == executed.run_digest({"coin": "code"}, one.identity.trial)
    # Its own tolerance says how far apart two runs may be, not the spread of the seeds.
    for share, agrees in ((0.55, True), (0.65, False)):
        (again, _) = perform({0: share, 1: 0.75}, desk, monkeypatch)
        moved = again.provenance.model_copy(update={"device": "another"})
        again = again.model_copy(update={"provenance": moved})
        assert compare(again, one, [one, other]).agrees is agrees
    head, row, _ = runs_csv([one, other]).splitlines()
    assert dict(zip(head.split(","), row.split(","), strict=True))["heads"] == "0.5"
    with pytest.raises(ValidationError, match="expected heads from 0 to 1, received 2"):
        perform({0: 2.0}, desk, monkeypatch)


def test_a_made_up_kind_is_handled_as_its_traits_say() -> None:
    coins, watched = (tosses(kind(name="a", tosses=5), 2) for kind in (Coin, Watched))
    assert not needs_images(coins)
    assert needs_images(watched)
    assert [len(group) for group in grouped(coins, lanes=2)] == [1, 1]
    assert [len(group) for group in grouped(watched, lanes=2)] == [2]
    assert repeating([*watched, *coins]) == coins[:1]


def test_the_code_of_a_new_kind_begins_in_what_performs_it() -> None:
    path = "bnreport/running/performers.py"
    sources = {
        file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8")
        for file in (ROOT / "bnreport").rglob("*.py")
    }
    known = executed.digests(sources)
    assert set(KINDS) <= set(known)
    assert "coin" not in known
    toss = "def toss(trial, group, desk):\n    return Performance([{}], ())\n\n\n"
    text = sources[path].replace('    "facts": _ask,\n', '    "facts": _ask,\n    "coin": toss,\n')
    new = executed.digests({**sources, path: text.replace("# By the name", f"{toss}# By the name")})
    assert {name for name in new if new[name] != known.get(name)} <= {"coin", "bench"}
    assert "coin" in new
    changed = text.replace("# By the name", f"{toss.replace('[{}]', '[]')}# By the name")
    assert executed.digests({**sources, path: changed})["coin"] != new["coin"]
