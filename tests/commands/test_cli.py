"""The command line says what it does, counts what there is, and fails in one clear message."""

import gc
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, get_args

import click
import pytest

from bnreport import cli, machine
from bnreport.analysis.study import Study
from bnreport.commands.project import Project
from bnreport.errors import RecordError, nearest
from bnreport.presentation.formats import duration
from bnreport.protocol.datasets import Profile
from bnreport.protocol.trials import Identity
from bnreport.records import checksums, writing
from bnreport.records.layout import Layout
from bnreport.records.record import Record
from bnreport.records.store import read
from bnreport.studies import all_studies
from tests import synthetic
from tests.faulty import faulty
from tests.synthetic import NOTEBOOK, ROOT

VERBS = ["run", "build", "check", "serve", "status", "why", "verify", "notebook"]
VERBS += ["checksums", "compare", "diff", "history", "link", "new"]
RUNS = len(NOTEBOOK.identities("full"))
PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *(path for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md") if path.exists()),
]


class Said(NamedTuple):
    """What a call ended with: its exit code, and its output without line ends."""

    code: int
    out: str
    err: str


Call = Callable[..., Said]


def first_editions() -> dict[str, Study]:
    """Every study, read at its first edition, of which the records are that tests make up."""
    return {name: replace(study, later=()) for name, study in all_studies().items()}


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """An empty checkout, in which the commands work."""
    monkeypatch.delenv("BNREPORT_DATA", raising=False)
    return Layout(tmp_path)


@pytest.fixture
def call(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """A function that calls the command line as a shell would; keywords change the project."""

    def run(*words: str | Path, **changes: Any) -> Said:
        monkeypatch.setattr(sys, "argv", ["bnreport", *map(str, words)])
        code = 0
        try:
            cli.main(replace(Project(layout, first_editions), **changes))
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Said(code, " ".join(said.out.split()), " ".join(said.err.split()))

    return run


def write(layout: Layout, made: dict[str, Record], profile: Profile = "full") -> Path:
    path = layout.committed("notebook", profile)
    writing.write(path, made.values())
    checksums.update(layout.results)
    return path


def recorded(layout: Layout) -> Callable[[], dict[str, Study]]:
    """Every study, announced where the checkout holds none of its records."""
    return lambda: {
        name: replace(
            study, announced=not any(layout.committed(name, p).exists() for p in get_args(Profile))
        )
        for name, study in first_editions().items()
    }


def no_images(*_: object) -> Path:
    """A folder without images, for what is not trained."""
    return Path("nowhere")


def files(folder: Path) -> list[str]:
    """What lies there, without what need not last."""
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    return [name for name in found if not name.startswith(".local")]


def test_there_are_the_promised_verbs() -> None:
    assert set(cli.cli.commands) == set(VERBS)


def test_a_call_seldom_looks_for_garbage(call: Call) -> None:
    gc.set_threshold(700)
    call("--version")
    assert gc.get_threshold()[0] == machine.MANY_OBJECTS


@pytest.mark.parametrize("verb", VERBS)
def test_help_says_what_a_verb_and_each_of_its_options_do(verb: str, call: Call) -> None:
    said = call(verb, "--help")
    assert said.code == 0
    assert len(said.out) > 150
    for parameter in cli.cli.commands[verb].params:
        if isinstance(parameter, click.Option):
            assert parameter.opts[0] in said.out
            assert parameter.help or parameter.name == "help"


@pytest.mark.parametrize(
    "words", [("run", "nobody"), ("verify", "nobody"), ("build", "--rerun", "nobody")]
)
def test_an_unknown_study_is_named_with_those_that_are_nearest(
    words: tuple[str, ...], call: Call, layout: Layout
) -> None:
    said = call(*words)
    assert said.code == 1
    assert said.err == (
        f"Expected a study: {nearest('nobody', all_studies())}. Received: 'nobody'. "
        "Use one of these."
    )
    assert said.out == ""
    assert files(layout.root) == []


@pytest.mark.parametrize(
    "words", [("biuld",), ("build", "--quick"), ("build", "--profile", "fast")]
)
def test_a_misspelt_word_is_a_matter_of_usage(words: tuple[str, ...], call: Call) -> None:
    said = call(*words)
    assert said.code == 2
    assert words[-1] in said.err


@pytest.mark.parametrize("words", [("--rerun",), ("--cluster", "tcp://127.0.0.1:1")])
def test_a_build_from_records_trains_nothing_anywhere(words: tuple[str, ...], call: Call) -> None:
    said = call("build", "--records", *words)
    assert said.code == 2
    assert words[0] in said.err


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (PermissionError(13, "Permission denied", "site"), "Permission denied: 'site'. Fix"),
        (OSError(28, "No space left on device"), "No space left on device. Make room"),
        (OSError(24, "Too many open files", "a.jsonl"), "Too many open files: 'a.jsonl'"),
        (IsADirectoryError(21, "Is a directory", "a.jsonl"), "Is a directory: 'a.jsonl'"),
        (MemoryError(), "Expected enough memory"),
    ],
)
def test_what_the_machine_refuses_ends_in_one_message(
    error: Exception, named: str, call: Call
) -> None:
    def fail() -> None:
        raise error

    said = call("run", studies=fail)
    assert said.code == 1
    assert named in said.err
    assert said.err.startswith("Expected ")
    assert "Traceback" not in said.err


def test_a_letter_that_a_terminal_does_not_know_ends_no_call(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "argv", ["bnreport", "status"])

    def tell() -> dict[str, Study]:
        print("\u201cOn this machine\u201d")  # noqa: T201
        return {}

    cli.main(Project(layout, tell))
    stream.seek(0)
    assert "?On this machine?\n" in stream.read()


def test_an_unreadable_record_file_ends_the_call_with_its_name(call: Call, layout: Layout) -> None:
    path = layout.committed("notebook", "full")
    path.mkdir(parents=True)
    said = call("status")
    assert said.code == 1
    assert str(path) in said.err


def test_a_termination_ends_a_call_as_an_interrupt_does(call: Call) -> None:
    closed: list[str] = []

    def wait() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(60)
        finally:
            closed.append("closed")

    before = signal.getsignal(signal.SIGTERM)
    said = call("run", studies=wait)
    assert said.code == 143
    assert said.err.startswith("Ended by SIGTERM. Finished runs are recorded")
    assert closed == ["closed"]
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
def test_a_signal_that_a_library_drops_is_heard_again(
    number: signal.Signals, code: int, call: Call
) -> None:
    # Behind an `&` a shell lets no Ctrl-C through.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    class Deaf:
        """Python drops whatever is raised where an object ends."""

        def __del__(self) -> None:
            os.kill(os.getpid(), number)
            time.sleep(60)

    def wait() -> None:
        Deaf()
        time.sleep(60)

    try:
        said = call("run", studies=wait)
    finally:
        signal.signal(signal.SIGINT, before)
    assert said.code == code
    assert "Finished runs are recorded" in said.err
    assert "ignored" not in said.err


def test_another_fault_that_nobody_can_raise_is_told_as_ever(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    monkeypatch.setattr(sys, "__unraisablehook__", lambda args: told.append(args.exc_value))

    class Broken:
        def __del__(self) -> None:
            raise ValueError("broken")

    before = sys.unraisablehook

    def broken() -> dict[str, Study]:
        Broken()
        return {}

    call("status", studies=broken)
    assert [str(error) for error in told] == ["broken"]
    assert sys.unraisablehook is before


def test_an_interrupt_ends_with_the_code_of_an_interrupt(call: Call) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    said = call("run", studies=interrupt)
    assert said.code == 130
    assert "the next call goes on from there" in said.err


@pytest.mark.parametrize(
    ("words", "kept"),
    [(("run",), True), (("build", "--records"), True), (("status",), False), (("verify",), False)],
)
@pytest.mark.parametrize("error", [KeyboardInterrupt(), PermissionError(13, "Permission denied")])
def test_only_what_records_runs_says_that_runs_are_kept(
    words: tuple[str, ...], kept: bool, error: BaseException, call: Call
) -> None:
    def fail() -> None:
        # A fresh one each time: notes stay on an error.
        raise type(error)(*error.args)

    said = call(*words, studies=fail)
    assert said.err.startswith(("Interrupted.", "Expected to read and write files."))
    assert ("inished runs are" in said.err) is kept


@pytest.mark.slow
def test_status_counts_runs_recorded_and_missing(
    call: Call, layout: Layout, make_record: Callable[..., Record]
) -> None:
    assert f"notebook: lost; 0 of {RUNS} runs recorded, {RUNS} missing" in call("status").out
    made = synthetic.stored()
    former = make_record(name="former")
    some = dict(list(made.items())[2:]) | {former.id: former}
    write(layout, some)
    out = call("status").out
    assert f"incomplete; {RUNS - 2} of {RUNS} runs recorded, 2 missing, 1 of no present" in out
    # The record of a former trial, made by other code, says nothing about the others.
    write(layout, made | {former.id: former})
    assert f"current; {RUNS} of {RUNS} runs recorded, 0 missing, 1 of no" in call("status").out


@pytest.mark.slow
def test_status_says_how_the_records_stand(call: Call, layout: Layout) -> None:
    made = synthetic.stored(code="older")
    write(layout, made)
    assert "notebook: unverified;" in call("status").out
    synthetic.write_down(layout, agreed=True)
    assert "notebook: verified;" in call("status").out
    synthetic.write_down(layout, agreed=False)
    assert "notebook: stale;" in call("status").out
    write(layout, synthetic.stored(profile="quick"), "quick")
    assert "notebook: current;" in call("status", "--profile", "quick").out


@pytest.mark.slow
def test_status_sums_up_apart_what_was_claimed_since_the_first_edition(
    call: Call, layout: Layout
) -> None:
    path = layout.committed("lag", "full")
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "results" / path.name, path)
    spent = duration(sum(record.provenance.seconds for record in read(path, print).values()))
    told = f"all: {spent} of training: 0.0 s for the first edition, {spent} for what was claimed"
    assert told in call("status").out


def test_status_says_that_a_study_has_no_quick_runs(call: Call) -> None:
    assert "speed: no quick runs" in call("status", "--profile", "quick").out


def test_why_says_what_a_claim_stands_on(call: Call, layout: Layout) -> None:
    write(layout, synthetic.stored())
    out = call("why", "c-test").out
    assert "verdict: supported" in out
    assert "stands on: 40 runs of bn-0.01, baseline-0.01 seeds: 100-119" in out


def test_why_says_why_a_claim_is_not_judged(call: Call) -> None:
    assert (
        f"not judged: Expected {RUNS} full runs of notebook in notebook.jsonl. Received: 0."
        in call("why", "c-test").out
    )


def test_why_finds_a_run_by_its_first_digits(call: Call, layout: Layout) -> None:
    made = synthetic.stored()
    write(layout, made)
    write(layout, synthetic.stored(profile="quick"), "quick")
    wanted = next(r for r in made.values() if r.identity.trial.name == "timing")
    out = call("why", wanted.id[:12]).out
    assert f"run {wanted.id}, full: study notebook, trial timing, seed 100" in out
    assert "claims that stand on it: d-fit-time, d-compiled-time" in out


def test_why_refuses_what_is_neither_a_claim_nor_a_run(call: Call) -> None:
    said = call("why", "nobody")
    assert said.code == 1
    assert "Received: 'nobody'. Take a name from" in said.err


@pytest.mark.parametrize(
    "words", [("status",), ("run",), ("build", "--records"), ("status", "--profile", "quick")]
)
def test_a_damaged_record_file_ends_the_call_with_its_name(
    words: tuple[str, ...], call: Call, layout: Layout
) -> None:
    profile: Profile = "quick" if "quick" in words else "full"
    path = write(layout, synthetic.stored(profile=profile), profile)
    text = path.read_text(encoding="utf-8")
    path.write_text("{" + text, encoding="utf-8")
    before = files(layout.root)
    said = call(*words, studies=recorded(layout))
    assert said.code == 1
    assert f"{path}, line 1" in said.err
    assert "Traceback" not in said.err
    assert path.read_text(encoding="utf-8") == "{" + text
    assert files(layout.root) == before


def test_a_damaged_verification_ends_the_call_with_its_name(call: Call, layout: Layout) -> None:
    write(layout, synthetic.stored())
    layout.verified("notebook").write_text("{}", encoding="utf-8")
    said = call("status")
    assert said.code == 1
    assert "notebook.verified.json" in said.err


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["build", "run", "verify", "notebook"])
def test_a_data_folder_without_a_file_is_named_and_nothing_is_written(
    verb: str, call: Call, layout: Layout, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("images")
    said = call(verb, "--data-dir", folder, studies=recorded(layout))
    assert said.code == 1
    assert f"train-images-idx3-ubyte.gz in {folder}" in said.err
    assert said.err.count("Expected") == 1
    assert files(layout.root) == []


def test_run_trains_nothing_when_every_run_has_a_record(call: Call, layout: Layout) -> None:
    path = write(layout, synthetic.stored())
    before = path.read_bytes()
    assert call("run", "notebook") == (0, "Nothing to train: every run has a record.", "")
    assert path.read_bytes() == before


@pytest.fixture
def trains(monkeypatch: pytest.MonkeyPatch, layout: Layout) -> list[Record]:
    """What a call of `run` records, and is then interrupted; nothing is trained."""
    made: list[Record] = []

    def train(*_: object) -> None:
        with writing.Writer(layout.committed("notebook", "full"), print) as writer:
            for record in made:
                writer.add(record)
        raise KeyboardInterrupt

    monkeypatch.setattr("bnreport.running.orchestrate.train", train)
    return made


def test_run_lists_what_it_recorded_and_removes_what_was_verified_of_other_records(
    call: Call, layout: Layout, trains: list[Record]
) -> None:
    *others, last = synthetic.stored().values()
    write(layout, {record.id: record for record in [*others, last]})
    synthetic.write_down(layout, agreed=True)
    write(layout, {record.id: record for record in others})
    trains.append(last.model_copy(update={"provenance": synthetic.made(seconds=9.0)}))
    said = call("run", "notebook", find=no_images)
    assert said.code == 130
    verified = layout.verified("notebook")
    assert f"Removed {verified}: it is of other records. `bnreport verify notebook`" in said.out
    assert "SHA256SUMS: notebook.jsonl: changed. SHA256SUMS: notebook.verified.json: gone." in (
        said.out
    )
    assert not verified.exists()
    checksums.check(layout.results)


def pilot() -> Record:
    """A made-up pilot of the notebook."""
    (wanted, *_) = NOTEBOOK.pilots((50,))
    twin = next(r for r in synthetic.stored().values() if r.identity.trial == wanted.trial)
    return twin.model_copy(update={"id": wanted.run_id, "identity": wanted})


@pytest.mark.slow
def test_a_pilot_is_recorded_apart_and_listed_and_judges_nothing(
    call: Call, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[int]] = []

    def train(
        _: object, identities: list[Identity], path: Callable[[str], Path], __: object
    ) -> None:
        asked.append(sorted({identity.seed for identity in identities}))
        with writing.Writer(path("notebook"), print) as writer:
            writer.add(pilot())

    def refuse(*_: object) -> None:
        raise AssertionError("a pilot comes before the claims")

    monkeypatch.setattr("bnreport.running.orchestrate.train", train)
    monkeypatch.setattr("bnreport.records.preregistration.refuse_uncommitted", refuse)
    write(layout, synthetic.stored())
    before = call("status").out
    said = call("run", "notebook", "--pilot", "50-51,53", find=no_images)
    assert (said.code, asked) == (0, [[50, 51, 53]])
    assert "SHA256SUMS: pilots/notebook.jsonl: new." in said.out
    checksums.check(layout.results)
    whole = f"notebook: current; {RUNS} of {RUNS} runs recorded, 0 missing"
    assert f"{whole};" in before
    after = call("status").out
    first = duration(1.5 * RUNS)
    assert f"{whole}, 1 of pilots; {first} of training and 1.5 s of pilots" in after
    for out, pilots in ((before, 0.0), (after, 1.5)):
        assert out.endswith(
            f"all: {duration(1.5 * RUNS + pilots)} of training: {first} for the first edition, "
            f"0.0 s for what was claimed since, {pilots} s for pilots"
        )


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("notebook", "--pilot", "100"), 1, "Received: 100."),
        (("notebook", "--pilot", "many"), 2, "'many' is not like 50-59"),
        (("--pilot", "50"), 2, "--pilot needs one study"),
        (("notebook", "toy", "--pilot", "50"), 2, "--pilot needs one study"),
        (("notebook", "--pilot", "50", "--tuning"), 2, "--pilot needs one study"),
        (("notebook", "--pilot", "50", "--replica", "a"), 2, "--pilot needs one study"),
        (("notebook", "--pilot", "50", "--profile", "quick"), 2, "the full profile"),
    ],
)
def test_a_pilot_of_anything_else_is_refused(
    words: tuple[str, ...], code: int, told: str, call: Call, layout: Layout
) -> None:
    said = call("run", *words)
    assert said.code == code
    assert told in said.err
    assert files(layout.root) == []


def test_run_trains_no_study_whose_claims_are_not_committed(
    call: Call, layout: Layout, trains: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(layout, dict(list(synthetic.stored().items())[:-1]))
    asked: list[dict[str, str]] = []

    def refuse(root: Path, claims: dict[str, str], _: object) -> None:
        assert root == layout.root
        asked.append(claims)
        raise RecordError("not committed")

    monkeypatch.setattr("bnreport.records.preregistration.refuse_uncommitted", refuse)
    said = call("run", "notebook", find=no_images)
    assert (said.code, said.err, trains) == (1, "not committed", [])
    assert asked == [{"notebook": NOTEBOOK.claims_digest}]
    # The quick profile judges no claim.
    assert call("run", "notebook", "--profile", "quick", find=no_images).code == 130
    # Nothing is asked where nothing is trained.
    write(layout, synthetic.stored())
    assert call("run", "notebook", find=no_images).code == 0
    assert len(asked) == 1


def test_run_that_changes_nothing_keeps_what_was_verified(
    call: Call, layout: Layout, trains: list[Record]
) -> None:
    write(layout, dict(list(synthetic.stored().items())[:-1]))
    synthetic.write_down(layout, agreed=True)
    assert trains == []
    said = call("run", "notebook", find=no_images)
    assert said.code == 130
    assert "Removed" not in said.out
    assert layout.verified("notebook").exists()
    checksums.check(layout.results)


@pytest.mark.slow
def test_what_a_call_that_was_cut_short_left_behind_is_told_and_mended(
    call: Call, layout: Layout
) -> None:
    write(layout, dict(list(synthetic.stored().items())[1:]))
    writing.write(layout.committed("notebook", "full"), synthetic.stored().values())
    told = "Received: notebook.jsonl: changed. If a call of `bnreport run`"
    assert told in call("status").out
    assert call("build", "--records", studies=recorded(layout)).code == 1
    assert "SHA256SUMS: notebook.jsonl: changed." in call("run", "notebook").out
    assert told not in call("status").out
    writing.write(layout.committed("notebook", "quick"), synthetic.stored(profile="quick").values())
    assert "SHA256SUMS: quick/notebook.jsonl: new. 2 files are listed." in call("checksums").out
    assert call("checksums").out == "2 files are listed."


def test_a_damaged_line_is_not_listed(call: Call, layout: Layout) -> None:
    path = write(layout, synthetic.stored())
    before = (layout.results / checksums.NAME).read_bytes()
    path.write_text(path.read_text(encoding="utf-8").replace("0.5", "0.6", 1), encoding="utf-8")
    said = call("checksums")
    assert said.code == 1
    assert f"in {path}, line " in said.err
    assert (layout.results / checksums.NAME).read_bytes() == before


def test_a_forged_verification_ends_the_call_with_its_name(call: Call, layout: Layout) -> None:
    write(layout, synthetic.stored(code="older"))
    synthetic.write_down(layout, agreed=True)
    path = layout.verified("notebook")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"seed": 100', '"seed": 101', 1), encoding="utf-8")
    said = call("status")
    assert said.code == 1
    assert f"in {path}. Received: baseline-0.01 seed 101" in said.err
    # What a claim stands on can be told, and why nothing can be said of it.
    assert "not judged: Expected baseline-0.01 seed 100 in the comparison of run" in (
        call("why", "c-test").out
    )


def test_a_replica_is_recorded_beside_the_judged_records(call: Call, layout: Layout) -> None:
    write(layout, synthetic.stored())
    path = layout.replica("h100", "notebook")
    writing.write(path, synthetic.stored(device="a GPU").values())
    checksums.update(layout.results)
    before = path.read_bytes()
    said = call("run", "notebook", "--replica", "h100")
    assert said == (0, "Nothing to train: every run has a record.", "")
    assert path.read_bytes() == before
    assert layout.replicas("notebook") == {"h100": path}
    assert path.parent == layout.root / "results" / "replicas" / "h100"


@pytest.mark.parametrize(
    "words", [("--replica", "../elsewhere"), ("--replica", "h100", "--profile", "quick")]
)
def test_a_replica_needs_a_plain_name_and_the_full_profile(
    words: tuple[str, ...], call: Call, layout: Layout
) -> None:
    said = call("run", *words)
    assert said.code == 2
    assert "--replica" in said.err
    assert files(layout.root) == []


def test_a_study_of_times_has_nothing_to_verify(call: Call, layout: Layout) -> None:
    said = call("verify", "performance", find=no_images)
    assert (said.code, said.err) == (0, "")
    assert "performance: nothing to compare" in said.out
    assert files(layout.root) == []


def commands(text: str) -> list[str]:
    """The calls of bnreport or its scripts in a page: inline code, and lines of code blocks."""
    spans = re.findall(r"`([^`\n]+)`", text)
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = spans + [line for block in blocks for line in block.splitlines()]
    found = (
        re.match(r"\s*((?:\.venv/bin/|python -m )?bnreport|scripts/\w+)\b(.*)", x) for x in lines
    )
    return [f"{match[1]}{match[2].split('#')[0]}".strip() for match in found if match]


def unknown(line: str) -> Iterator[str]:
    """What does not exist of a command and its options."""
    first, *words = line.split()
    if first.startswith("scripts/"):
        if not (ROOT / first).is_file():
            yield f"{line}: no such script"
        if first != "scripts/build":
            return
        words = ["build", *words]
    words = [word for word in words if word not in {"-m", "bnreport"}]
    if not words or words[0].startswith("-"):
        return
    command = cli.cli.commands.get(words[0])
    if command is None:
        yield f"{line}: no such verb"
        return
    if isinstance(command, click.Group) and len(words) > 1:
        command = command.commands.get(words[1], command)
    known = {"--help"} | {name for p in command.params for name in p.opts}
    strange = [word for word in words if word.startswith("--") and word not in known]
    yield from (f"{line}: no option {word}" for word in strange)


def unknown_in(page: Path) -> Iterator[str]:
    """What does not exist of the commands in a page."""
    for line in commands(page.read_text(encoding="utf-8")):
        yield from unknown(line)


def test_every_command_in_a_page_exists_with_its_options() -> None:
    assert faulty({path.relative_to(ROOT).as_posix(): path for path in PAGES}, unknown_in) == {}
    assert any(commands(path.read_text(encoding="utf-8")) for path in PAGES)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("scripts/biuld", "no such script"),
        ("bnreport biuld", "no such verb"),
        ("python -m bnreport build --recods", "no option --recods"),
        ("scripts/build --recods", "no option --recods"),
        ("bnreport build --records", None),
    ],
)
def test_a_command_that_does_not_exist_is_told(line: str, told: str | None) -> None:
    assert list(unknown(line)) == ([f"{line}: {told}"] if told else [])


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_told_of_on_the_page_and_in_the_readme(verb: str) -> None:
    for path in (ROOT / "docs" / "run.md", ROOT / "README.md"):
        if path.exists():
            named = {
                line.split()[1]
                for line in commands(path.read_text(encoding="utf-8"))
                if " " in line
            }
            assert verb in named, path.name


@pytest.fixture
def written(layout: Layout) -> Path:
    """The folder of two pages of a checkout without a study, one with a mistake in it."""
    for path in (layout.pages, layout.results, layout.notebook.parent):
        path.mkdir(parents=True)
    real = Layout(ROOT)
    for path in (real.notebook, real.code, real.links):
        shutil.copy(path, layout.root / path.relative_to(ROOT))
    checksums.update(layout.results)
    (layout.pages / "a.md").write_text("# A", encoding="utf-8")
    (layout.pages / "b.md").write_text("# B [[ nothing ]]", encoding="utf-8")
    return layout.pages


def test_check_tells_how_many_pages_it_looked_at_and_names_what_is_unknown(
    call: Call, written: Path
) -> None:
    assert "Pages: 1." in call("check", "docs/a.md", studies=dict).out
    assert "'nothing' is undefined" in call("check", "b.md", studies=dict).err
    assert call("check", studies=dict).code == 1
    (written / "b.md").write_text("# B", encoding="utf-8")
    assert "Pages: 2." in call("check", studies=dict).out
    assert "no study and no page" in call("check", "c.md", studies=dict).err


@pytest.mark.usefixtures("written")
def test_no_cache_keeps_nothing(call: Call, layout: Layout) -> None:
    assert call("check", "a.md", "--no-cache", studies=dict).code == 0
    assert not layout.built.exists()
    assert call("check", "a.md", studies=dict).code == 0
    assert layout.built.exists()


@pytest.mark.slow
def test_a_call_that_neither_draws_nor_judges_waits_for_no_library_that_does() -> None:
    program = (
        "import sys\n"
        "from bnreport import cli, studies\n"
        "studies.all_studies()\n"
        "print(*{'matplotlib', 'scipy.stats', 'tensorflow'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")
