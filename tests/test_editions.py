"""A later edition has claims, seeds, files and tests of its own; the first stays as it is."""

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bnreport import cli
from bnreport.analysis.report import StudyReport, report_study
from bnreport.analysis.soundness import mistakes
from bnreport.analysis.study import Study
from bnreport.analysis.verdicts import Verdict
from bnreport.commands import report
from bnreport.commands.build_options import BuildOptions
from bnreport.commands.project import Project
from bnreport.errors import RecordError
from bnreport.presentation.tables import Analysis, Value
from bnreport.protocol.claims import Claim
from bnreport.protocol.runs import Runs
from bnreport.protocol.trials import Identity, Trial
from bnreport.records import checksums, writing
from bnreport.records.agreement import Verified
from bnreport.records.archive import Archive
from bnreport.records.collection import Records
from bnreport.records.layout import Layout
from bnreport.records.record import Record
from bnreport.records.store import read
from bnreport.running import verification
from bnreport.statistics.estimates import Contrast, paired
from tests import fabricated
from tests.synthetic import code

FIRST, SECOND = tuple(range(100, 112)), tuple(range(200, 212))
ONE, TWO = (
    Trial(name=name, net="baseline", learning_rate=rate, epochs=1, evaluated=("val",))
    for name, rate in (("one", 0.1), ("two", 0.01))
)


def claim(name: str) -> Claim:
    return Claim(
        id=name,
        question="Does it matter?",
        statement=f"It matters: {name}.",
        source="none",
        kind="difference",
        arms="one and two",
        metric="val_accuracy",
        unit="pp",
        margin=0.1,
        seeds="12 of each",
        rule="A rule.",
        expected="supported",
        label=name,
    )


def ahead(found: Records) -> Contrast:
    """By how much one trial is ahead, seed by seed."""
    one, two = (
        [r.epochs("val_accuracy")[-1] for r in found.trial(name)] for name in ("one", "two")
    )
    return paired([90 + 100 * (a - b) for a, b in zip(one, two, strict=True)])


def edition(**changes: Any) -> Study:
    """The second edition: three claims in two families, judged the other way round."""
    fields: dict[str, Any] = {
        "name": "small",
        "runs": (Runs(ONE, SECOND), Runs(TWO, SECOND)),
        "claims": tuple(map(claim, ("fresh-a", "fresh-b", "deployed"))),
        "number": 2,
        "families": (("fresh-a", "fresh-b"), ("deployed",)),
        "analyse": lambda _: Analysis({"edition": Value("second", "made up")}),
    }
    made = Study(**fields | changes)
    return replace(made, estimates={each.id: ahead for each in made.claims})


def study(*later: Study) -> Study:
    return Study(
        name="small",
        title="A small study",
        page="studies/small.md",
        chapter="Facts",
        question="What of it?",
        runs=(Runs(ONE, FIRST), Runs(TWO, FIRST)),
        claims=(claim("a"), claim("b")),
        estimates=dict.fromkeys(("a", "b"), ahead),
        analyse=lambda _: Analysis({"edition": Value("first", "made up")}),
        later=later,
    )


ALONE, BOTH = study(), study(edition())


def reported(of: Study) -> StudyReport:
    return report_study(of, fabricated.records(of), "full", None, code())


def numbers(verdict: Verdict) -> tuple[object, ...]:
    return verdict.word, verdict.p, verdict.family, verdict.effect, verdict.low, verdict.high


def test_a_second_edition_leaves_all_of_the_first_as_it_was() -> None:
    first, second = BOTH.by_edition()
    assert first.edition == ALONE.edition
    assert first.identities("full") == ALONE.identities("full")
    assert first.claims_digest == ALONE.claims_digest
    assert first.frozen_digests == ALONE.frozen_digests
    assert not first.frozen_digests & second.frozen_digests
    assert first.edition.name == "small"
    before, after = reported(ALONE), reported(first)
    for name in ("a", "b"):
        assert numbers(after.verdicts[name]) == numbers(before.verdicts[name])
        assert after.verdicts[name].family == 2


def test_a_second_edition_is_judged_by_its_own_claims_seeds_and_families() -> None:
    _, second = BOTH.by_edition()
    found = reported(second)
    assert {name: verdict.family for name, verdict in found.verdicts.items()} == {
        "fresh-a": 2,
        "fresh-b": 2,
        "deployed": 1,
    }
    # The three contrasts are equal, so that Holm alone makes the difference.
    fresh, alone = found.verdicts["fresh-a"], found.verdicts["deployed"]
    assert alone.p == pytest.approx(2 / 2**12)
    assert fresh.p == pytest.approx(4 / 2**12)
    assert {record.identity.seed for record in found.records.values()} == {*SECOND}
    assert {record.provenance.claims for record in found.records.values()} == {
        edition().claims_digest
    }
    whole = replace(BOTH, later=(edition(families=()),)).by_edition()[1]
    assert {v.family for v in reported(whole).verdicts.values()} == {3}


def test_the_record_of_one_edition_answers_no_run_of_another() -> None:
    first, second = (fabricated.records(of) for of in BOTH.by_edition())
    assert not first.keys() & second.keys()
    assert verification.answers(BOTH.identities("full"), second) == {}


@pytest.mark.parametrize(
    ("later", "named"),
    [
        (edition(title="Another"), "edition 2 of small to be named by the first"),
        (edition(number=3), "Expected edition 2 of small"),
        (edition(name="other"), "Received: 2 of other"),
        (edition(runs=(Runs(ONE, (111, 200)),)), r"nobody has looked at. Received: \[111\]"),
        (edition(claims=(claim("a"),), families=()), "in one edition. Received: 'a' in 1 and 2"),
        (edition(families=(("fresh-a",),)), "family of every .* none of fresh-b, deployed"),
        (edition(families=(("fresh-a", "none"),)), "in `families`.* Received: 'none'"),
        (
            edition(families=(("fresh-a", "fresh-b"), ("deployed", "fresh-a"))),
            "in `families` once. Received: 'fresh-a'",
        ),
        (
            edition(claims=tuple(claim(f"c{n}") for n in range(11)), families=()),
            "at most 10 differences",
        ),
    ],
)
def test_editions_that_touch_each_other_are_told_in_a_sentence(later: Study, named: str) -> None:
    assert list(mistakes(BOTH)) == []
    told = "\n".join(mistakes(study(later)))
    assert re.search(named, told), told


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Calls the command line in a checkout with that study alone; training makes records up."""
    project = Project(Layout(tmp_path), lambda: {"small": BOTH}, lambda *_: tmp_path)

    def train(
        studies: dict[str, Study], runs: list[Identity], path: Callable[[str], Path], _: object
    ) -> None:
        made = fabricated.records(studies["small"])
        with writing.Writer(path("small"), print) as writer:
            for run in runs:
                writer.add(made[run.run_id])

    monkeypatch.setattr("bnreport.running.orchestrate.train", train)

    def run(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["bnreport", *words])
        cli.main(project)
        return capsys.readouterr().out

    return run


def test_each_edition_is_recorded_in_a_file_of_its_own_under_its_own_claims(
    call: Callable[..., str], tmp_path: Path
) -> None:
    call("run", "small")
    layout = Layout(tmp_path)
    assert {path.name for path in layout.judged()} == {"small.jsonl", "small.2.jsonl"}
    for of in BOTH.by_edition():
        made = read(layout.committed(of.edition.name, "full"), print)
        assert made.keys() == {identity.run_id for identity in of.identities("full")}
        assert {record.provenance.claims for record in made.values()} == {of.claims_digest}
    out = call("status")
    assert "small: current; 24 of 24 runs recorded" in out
    assert "small.2: current; 24 of 24 runs recorded" in out
    assert "fresh-a, a claim of small.2:" in call("why", "fresh-a")
    assert "a, a claim of small:" in call("why", "a")
    # Whatever rule decides its claims.
    assert not any(claim.decided == "interval" for claim in BOTH.by_edition()[1].claims)
    (spent,) = re.findall(r"(.*) of training$", out.partition("small.2: ")[2].partition("\n")[0])
    assert f"{spent.rpartition('; ')[2]} for what was claimed since" in out


def test_runs_of_a_second_edition_leave_the_files_of_the_first_alone(
    call: Callable[..., str], tmp_path: Path
) -> None:
    layout = Layout(tmp_path)
    first = layout.committed("small", "full")
    writing.write(first, fabricated.records(BOTH).values())
    layout.verified("small").write_text("{}", encoding="utf-8")
    checksums.update(layout.results)
    before = checksums.listed(layout.results)
    out = call("run", "small")
    assert "small.2.jsonl: new." in out
    now = checksums.listed(layout.results)
    assert now == before | {"small.2.jsonl": now["small.2.jsonl"]}
    checksums.check(layout.results)


def test_a_build_judges_a_later_edition_once_it_has_records_and_misses_them_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bnreport.studies.module_of", lambda _: "bnreport.studies.toy")
    layout = Layout(tmp_path)
    order = BuildOptions(Project(layout), records_only=True)

    def later(of: Study) -> list[tuple[int, list[str]]]:
        found = report.later(order, of, Archive(layout, print))
        return [(one.study.number, list(one.verdicts)) for one in found]

    announced = study(edition(announced=True))
    assert later(ALONE) == []
    assert later(announced) == []
    with pytest.raises(RecordError, match=r"the records of small\.2 in .*small\.2\.jsonl"):
        later(BOTH)
    writing.write(
        layout.committed("small.2", "full"), fabricated.records(BOTH.by_edition()[1]).values()
    )
    assert later(BOTH) == [(2, ["fresh-a", "fresh-b", "deployed"])]
    with pytest.raises(RecordError, match=r"no records of small\.2, which is announced"):
        later(announced)


def test_a_verification_of_one_edition_is_not_believed_of_another(tmp_path: Path) -> None:
    first, second = BOTH.by_edition()
    layout = Layout(tmp_path)
    made: dict[int, dict[str, Record]] = {}
    for of in (first, second):
        made[of.number] = fabricated.records(of)
        writing.write(layout.committed(of.edition.name, "full"), made[of.number].values())
    path = layout.committed("small.2", "full")
    found = verification.sample(second.edition)
    again = {identity.run_id: made[2][identity.run_id] for identity in found}
    verified = Verified(
        study="small.2",
        records=checksums.file_digest(path),
        code="any",
        commit="unknown",
        device="any",
        versions={},
        comparisons=tuple(verification.comparisons(again, made[2])),
    )
    written = layout.verified("small.2")
    verification.write_verified(written, verified)
    assert verification.believed(written, path, second, made[2]) == verified
    with pytest.raises(RecordError, match=r"a verification of small .* one of 'small\.2'"):
        verification.believed(written, layout.committed("small", "full"), first, made[1])
