"""Records survive crashes whole, and a damaged file is named."""

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock

from bnreport.errors import RecordError
from bnreport.protocol.trials import Identity
from bnreport.records.collection import by_trial
from bnreport.records.consistency import refuse_strangers
from bnreport.records.record import Record, packed
from bnreport.records.store import read
from bnreport.records.writing import Writer, write, write_text
from tests import synthetic

Make = Callable[..., Record]
ROOT = Path(__file__).parents[2]
# The marks in every score of `make_record`; the test split has the first nine.
MARKS = [True, False, True, True, False, False, True, False, True, True]
HOLDER = """
import sys, time
from pathlib import Path
from bnreport.records.record import Record
from bnreport.records.writing import Writer
path, lines = Path(sys.argv[1]), Path(sys.argv[2]).read_text().splitlines()
with Writer(path, print) as writer:
    for line in lines:
        writer.add(Record.model_validate_json(line))
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results" / "toy.jsonl"


@pytest.fixture
def said() -> list[str]:
    return []


def silent(_: str) -> None:
    raise AssertionError("a sound file is read without a notice")


def store(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def test_records_come_back_as_they_went_in(path: Path, make_record: Make) -> None:
    records = [make_record(seed) for seed in (1, 2)]
    with Writer(path, silent) as writer:
        for record in records:
            writer.add(record)
    assert read(path, silent) == {record.id: record for record in records}


def test_a_line_tells_of_runs_that_trained_together_and_of_one_alone_as_before(
    make_record: Make,
) -> None:
    record = make_record()
    assert "lanes" not in record.line()
    made = record.provenance.model_copy(update={"lanes": 64})
    together = record.model_copy(update={"provenance": made})
    assert json.loads(together.line())["provenance"]["lanes"] == 64
    assert Record.model_validate_json(together.line()) == together
    assert Record.model_validate_json(record.line()).provenance.lanes == 1


def test_a_file_that_does_not_exist_holds_no_records(path: Path) -> None:
    assert read(path, silent) == {}


def test_a_line_has_sorted_keys_and_no_spaces(make_record: Make) -> None:
    line = make_record().line()
    value = json.loads(line)
    assert line == json.dumps(value, sort_keys=True, separators=(",", ":"))
    assert line.isascii()
    assert " " not in line.replace("a processor", "")


def test_the_bytes_of_a_file_do_not_depend_on_the_order_of_its_records(
    tmp_path: Path, make_record: Make
) -> None:
    records = [make_record(seed, name) for name in ("b", "a") for seed in (10, 9, 100)]
    for name, order in (("one", records), ("two", records[::-1])):
        with Writer(tmp_path / f"{name}.jsonl", silent) as writer:
            for record in order:
                writer.add(record)
    content = (tmp_path / "one.jsonl").read_bytes()
    assert content == (tmp_path / "two.jsonl").read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"}\n")
    runs = [json.loads(line)["identity"] for line in content.decode().splitlines()]
    assert [(run["trial"]["name"], run["seed"]) for run in runs] == [
        *(("a", seed) for seed in (9, 10, 100)),
        *(("b", seed) for seed in (9, 10, 100)),
    ]


def test_a_torn_last_line_is_dropped_with_a_notice_and_no_other(
    path: Path, make_record: Make, said: list[str]
) -> None:
    lines = [make_record(seed).sealed() for seed in (1, 2, 3)]
    store(path, f"{lines[0]}\n{lines[1]}\n{lines[2][:-20]}")
    assert [record.identity.seed for record in read(path, said.append).values()] == [1, 2]
    assert said == [f"{path} ends in a torn line; it is dropped and its run counts as missing."]


@pytest.mark.parametrize("cut", [1, 100, -1])
def test_a_writer_mends_a_torn_file_before_it_adds_to_it(
    path: Path, make_record: Make, said: list[str], cut: int
) -> None:
    kept, torn, added = (make_record(seed) for seed in (1, 2, 3))
    store(path, f"{kept.sealed()}\n{torn.sealed()[:cut]}")
    with Writer(path, said.append) as writer:
        assert path.read_text() == kept.sealed() + "\n"
        writer.add(added)
        assert path.read_text() == f"{kept.sealed()}\n{added.sealed()}\n"
    assert len(said) == 1


def test_a_writer_empties_a_file_that_holds_nothing_but_a_torn_line(
    path: Path, make_record: Make, said: list[str]
) -> None:
    store(path, make_record(1).sealed()[:50])
    with Writer(path, said.append) as writer:
        writer.add(make_record(2))
        # A kill at this moment leaves what is here now.
        assert path.read_text() == make_record(2).sealed() + "\n"


def test_a_whole_last_line_without_its_newline_is_kept(path: Path, make_record: Make) -> None:
    first, last = make_record(1), make_record(2)
    store(path, f"{first.sealed()}\n{last.sealed()}")
    assert list(read(path, silent)) == [first.id, last.id]
    with Writer(path, silent) as writer:
        writer.add(make_record(3))
        assert path.read_text().count("\n") == 3


def altered(record: Record, *where: str | int, to: Any) -> str:
    """The line of a record with one value replaced."""
    value = json.loads(record.line())
    inner = value
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = to
    return resealed(value)


def resealed(value: dict[str, Any]) -> str:
    """A line of these values under a digest that fits."""
    rest = json.dumps(value, sort_keys=True, separators=(",", ":"))
    before, after = rest.split('"diverged"', 1)
    return under_digest(before, f'"diverged"{after}')


def under_digest(before: str, after: str) -> str:
    """A line of these two parts with the digest of both between them."""
    digest = hashlib.sha256(f"{before}{after}".encode()).hexdigest()
    return f'{before}"digest":"{digest}",{after}'


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        pytest.param(lambda r: r.sealed()[:-1], "altered", id="a torn line in the middle"),
        pytest.param(lambda r: "", "with its digest", id="an empty line"),
        pytest.param(lambda r: "\x00" * 40, "with its digest", id="zeros"),
        pytest.param(lambda r: r.line(), "with its digest", id="a line without a digest"),
        pytest.param(lambda r: under_digest('{"a": 1,', "}"), "Expecting prop", id="foreign text"),
        pytest.param(lambda r: under_digest("{", '"a": 1}'), "id is missing", id="foreign JSON"),
        pytest.param(lambda r: under_digest("[", "1, 2]"), "valid dictionary", id="a list"),
        pytest.param(lambda r: under_digest("[" * 100_000, ""), "recursion", id="brackets"),
        pytest.param(
            lambda r: altered(r, "identity", "seed", to=7), "run id", id="an altered seed"
        ),
        pytest.param(
            lambda r: altered(r, "identity", "trial", "learning_rate", to=0.1),
            "run id",
            id="an altered trial",
        ),
        pytest.param(lambda r: altered(r, "id", to="0" * 16), "run id", id="an altered id"),
        pytest.param(
            lambda r: altered(r, "history", "loss", to=[0.5]), "expected 2 values of loss", id="few"
        ),
        pytest.param(
            lambda r: altered(r, "history", "loss", to=[0.5] * 3), "expected 2 values", id="many"
        ),
        pytest.param(
            lambda r: altered(r, "history", "lr", to=[1, 1]), "expected history", id="a metric"
        ),
        pytest.param(
            lambda r: altered(r, "history", "loss", 0, to=None), "expected finite", id="a gap"
        ),
        pytest.param(
            lambda r: altered(r, "history", "loss", 0, to=float("nan")),
            "NaN is not a number",
            id="NaN",
        ),
        pytest.param(
            lambda r: altered(r, "early_loss", to=float("inf")), "Infinity is no", id="infinity"
        ),
        pytest.param(
            lambda r: altered(r, "scores", 0, "val_images", to=17), "marks of 17", id="few marks"
        ),
        pytest.param(
            lambda r: altered(r, "scores", 0, "test_correct", to="AAAA"), "marks of 9", id="marks"
        ),
        pytest.param(
            lambda r: altered(r, "scores", 0, "val_correct", to="?"), "base64|padding", id="text"
        ),
        pytest.param(
            lambda r: under_digest("{", f'"diverged":false,{r.line()[1:]}'),
            "a key twice: 'diverged'",
            id="a key",
        ),
        pytest.param(lambda r: r.sealed() + " " * 1_000_000, "characters", id="a line without end"),
        pytest.param(
            lambda r: altered(r, "note", to="hm"), "note is not a field", id="a strange field"
        ),
        pytest.param(
            lambda r: altered(r, "provenance", "seconds", to=-1), "greater", id="a negative time"
        ),
    ],
)
def test_a_damaged_line_ends_in_an_error_that_names_file_and_line(
    path: Path, make_record: Make, damage: Callable[[Record], str], reason: str
) -> None:
    lines = [make_record(1).sealed(), damage(make_record(2)), make_record(3).sealed()]
    store(path, "\n".join(lines) + "\n")
    with pytest.raises(RecordError, match=f"{re.escape(str(path))}, line 2") as caught:
        read(path, silent)
    assert re.search(reason, str(caught.value)), str(caught.value)
    assert not re.search(r"pydantic|input_value", str(caught.value))
    before = path.read_bytes()
    with pytest.raises(RecordError), Writer(path, silent):
        pytest.fail("a writer of a damaged file")
    assert path.read_bytes() == before


def test_a_file_without_an_end_is_refused_before_memory_is(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.symlink_to("/dev/zero")
    with pytest.raises(RecordError, match=r"line 1\..*Received: a line of more than 1,000,000"):
        read(path, silent)


def swapped(lines: list[str]) -> list[str]:
    """The lines of two runs, each with what came out of the other under its own digest."""
    one, two = map(json.loads, lines)
    for key in ("history", "digest"):
        one[key], two[key] = two[key], one[key]
    return [json.dumps(run, sort_keys=True, separators=(",", ":")) for run in (one, two)]


def test_a_changed_digit_and_two_swapped_runs_are_refused_by_line(
    path: Path, make_record: Make
) -> None:
    other = dict.fromkeys(make_record().history, (0.75, 0.125)) | {"val_accuracy": (0.5, 0.6)}
    lines = [make_record(1).sealed(), make_record(2, history=other).sealed()]
    store(path, "\n".join(lines) + "\n")
    assert len(read(path, silent)) == 2
    for strange, number in (
        ([lines[0], lines[1].replace("0.125", "0.126", 1)], 2),
        ([lines[0].replace('"commit":"c2"', '"commit":"c3"'), lines[1]], 1),
        ([lines[0].replace('","diverged"', '", "diverged"'), lines[1]], 1),
        (swapped(lines), 1),
    ):
        assert strange != lines
        store(path, "\n".join(strange) + "\n")
        named = rf"^Expected digest \w+…, .* in {re.escape(str(path))}, line {number}\. .*altered"
        with pytest.raises(RecordError, match=named):
            read(path, silent)


def test_a_line_that_took_the_place_of_another_is_refused_though_its_digest_fits(
    path: Path, make_record: Make
) -> None:
    store(path, altered(make_record(1), "id", to=make_record(2).id) + "\n")
    with pytest.raises(RecordError, match=rf"Expected run id {make_record(1).id} in .*line 1"):
        read(path, silent)


def test_a_digest_is_that_of_the_line_without_it(make_record: Make) -> None:
    record = make_record()
    rest = json.loads(record.sealed())
    digest = rest.pop("digest")
    assert json.dumps(rest, sort_keys=True, separators=(",", ":")) == record.line()
    assert digest == hashlib.sha256(record.line().encode()).hexdigest()
    assert record.sealed() == resealed(rest)


def test_a_damaged_last_line_with_its_newline_is_not_taken_for_a_torn_one(
    path: Path, make_record: Make
) -> None:
    store(path, f"{make_record(1).sealed()}\n{make_record(2).sealed()[:-9]}\n")
    with pytest.raises(RecordError, match="line 2"):
        read(path, silent)


def test_a_byte_that_is_not_text_is_a_damaged_line(path: Path, make_record: Make) -> None:
    lines = [make_record(seed).sealed().encode() for seed in (1, 2)]
    store(path, "")
    path.write_bytes(lines[0].replace(b"tensorflow", b"tensor\xffflow") + b"\xfe\n" + lines[1])
    with pytest.raises(RecordError, match="line 1"):
        read(path, silent)


def test_a_run_that_is_there_twice_is_an_error(path: Path, make_record: Make) -> None:
    store(path, 2 * (make_record(1).sealed() + "\n"))
    with pytest.raises(RecordError, match=rf"{re.escape(str(path))}.*again in line 2"):
        read(path, silent)


def test_a_diverged_run_may_be_short_and_hold_no_number(path: Path, make_record: Make) -> None:
    names = make_record().history
    lost = {"history": dict.fromkeys(names, (None,)), "diverged": True, "scores": ()}
    record = make_record(**lost, early_loss=None)
    write(path, [record])
    (found,) = read(path, silent).values()
    assert found == record
    assert np.isnan(found.epochs("loss")).tolist() == [True]
    with pytest.raises(ValueError, match="expected 2 values"):
        make_record(history=dict.fromkeys(names, (1.0,) * 3), diverged=True)


def test_marks_survive_packing_to_the_bit(make_record: Make) -> None:
    score = make_record().score(2)
    assert score.marks("val").tolist() == MARKS
    assert score.marks("test").tolist() == MARKS[:9]
    # 1011 0010 and 11, filled up with zeros, are the bytes B2 and C0.
    assert packed(np.array(MARKS)) == "ssA="


def test_a_score_that_was_not_taken_is_asked_for_in_vain(make_record: Make) -> None:
    with pytest.raises(RecordError, match=r"epoch 1 in run .*after \[2\]"):
        make_record().score(1)


def test_the_history_of_a_metric_is_an_array(make_record: Make) -> None:
    assert make_record().epochs("loss").tolist() == [0.5, 0.25]


def test_a_second_writer_is_refused_and_changes_nothing(path: Path, make_record: Make) -> None:
    with Writer(path, silent) as writer:
        writer.add(make_record(1))
        before = path.read_bytes()
        with pytest.raises(RecordError, match=r"only writer of .*toy.jsonl.*toy.lock"):
            Writer(path, silent).__enter__()
        assert path.read_bytes() == before
        writer.add(make_record(2))
    assert len(read(path, silent)) == 2


def interrupt(path: Path, records: list[Record]) -> None:
    """Write the records and end as with Ctrl-C."""
    with Writer(path, silent) as writer:
        for record in records:
            writer.add(record)
        raise KeyboardInterrupt


def test_the_lock_is_free_again_however_a_writer_ended(path: Path, make_record: Make) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupt(path, [make_record(1)])
    store(path, "damaged\n")
    with pytest.raises(RecordError):
        Writer(path, silent).__enter__()
    with FileLock(path.with_suffix(".lock"), timeout=0):
        pass


def test_an_interrupted_writer_keeps_what_was_added_in_order(path: Path, make_record: Make) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupt(path, [make_record(2), make_record(1)])
    assert [record.identity.seed for record in read(path, silent).values()] == [1, 2]


def test_a_killed_writer_loses_nothing_that_was_added(
    path: Path, tmp_path: Path, make_record: Make, said: list[str]
) -> None:
    records = [make_record(seed) for seed in (2, 1)]
    lines = tmp_path / "lines"
    lines.write_text("".join(record.line() + "\n" for record in records))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), str(lines)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        with pytest.raises(RecordError, match="another call"):
            Writer(path, silent).__enter__()
    finally:
        holder.kill()
        holder.communicate()
    assert list(read(path, silent)) == [record.id for record in records]
    # What the next record would have left behind, had the kill come in the middle of it.
    with path.open("a", encoding="utf-8") as file:
        file.write(make_record(3).sealed()[:70])
    with Writer(path, said.append) as writer:
        writer.add(make_record(4))
    assert [record.identity.seed for record in read(path, silent).values()] == [1, 2, 4]
    assert len(said) == 1


def test_a_run_that_is_known_is_replaced(path: Path, make_record: Make) -> None:
    old, other, new = make_record(1), make_record(2), make_record(1, early_loss=1.5)
    write(path, [old, other])
    with Writer(path, silent) as writer:
        writer.add(new)
        assert read(path, silent) == {new.id: new, other.id: other}
        writer.add(make_record(3))
    assert [r.early_loss for r in read(path, silent).values()] == [1.5, 2.25, 2.25]


def test_nothing_half_written_stays(
    path: Path, make_record: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, [make_record(1)])
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="no space"):
            write(path, [make_record(1), make_record(2)])
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["toy.jsonl"]


def test_a_file_is_on_disk_before_its_name_and_its_name_before_the_call_ends(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def kept(number: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(number).st_mode) else "file"
        size = os.fstat(number).st_size
        done.append(kind if kind == "folder" else f"file of {size}")
        fsync(number)

    def renamed(source: Path, target: Path) -> None:
        done.append("name")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", kept)
    monkeypatch.setattr(os, "replace", renamed)
    write_text(path, "12345\n")
    assert done == ["file of 6", "name", "folder"]


def test_an_unchanged_file_is_left_alone(path: Path) -> None:
    write_text(path, "a\n")
    os.utime(path, (1, 1))
    write_text(path, "a\n")
    assert path.stat().st_mtime == 1


def test_what_a_killed_call_left_half_written_goes_with_the_next(path: Path) -> None:
    path.parent.mkdir()
    for text in ("a\n", "a\n", "b\n"):
        path.with_name(f"{path.name}.partial").write_text("half", encoding="utf-8")
        write_text(path, text)
        assert [file.name for file in path.parent.iterdir()] == [path.name]
        assert path.read_text(encoding="utf-8") == text
    write_text(path, "b\n")
    assert path.stat().st_mtime != 1


def test_records_are_found_by_trial_and_seed(make_record: Make) -> None:
    records = [make_record(seed, name) for name in ("a", "b") for seed in (1, 2)]
    found = by_trial({record.id: record for record in records})
    assert {name: sorted(seeds) for name, seeds in found.items()} == {"a": [1, 2], "b": [1, 2]}
    assert found["b"][2] == records[3]


def test_a_run_id_depends_on_each_part_of_the_identity(make_record: Make) -> None:
    identity = make_record().identity
    others = [
        identity,
        *(
            identity.model_copy(update=change)
            for change in ({"seed": 9}, {"study": "x"}, {"data": "x"}, {"profile": "full"})
        ),
        *(
            identity.model_copy(update={"trial": identity.trial.model_copy(update=change)})
            for change in ({"net": "x"}, {"epochs": 3}, {"batch_size": 8}, {"replay_after": 1})
        ),
    ]
    assert len({other.run_id for other in others}) == len(others)
    assert all(re.fullmatch("[0-9a-f]{16}", other.run_id) for other in others)


def checked(record: Record, checks: Any, **more: Any) -> Record:
    """The record of a trial with a score and a probe, at two steps each, and these values."""
    content = record.model_dump(mode="json") | {"checks": checks} | more
    content["identity"]["trial"]["checks"] = [
        {"kind": "score", "name": "val", "steps": [0, 1]},
        {"kind": "probe", "name": "grad", "steps": [0, 1], "probe": "gradients"},
    ]
    content["id"] = Identity.model_validate(content["identity"]).run_id
    return Record.model_validate(content)


def test_the_values_of_checks_come_back_by_step_and_layer(make_record: Make) -> None:
    values = {
        "val_loss": [1.0, 0.5],
        "val_accuracy": [0.1, 0.5],
        "grad_weights": [[1.0, 2.0], [3.0, 4.0]],
    }
    record = checked(make_record(), values)
    again = Record.model_validate_json(record.line())
    assert again == record
    assert again.steps("val_loss").tolist() == [1.0, 0.5]
    assert again.steps("grad_weights").tolist() == [[1.0, 2.0], [3.0, 4.0]]
    with pytest.raises(RecordError, match="grad_outputs"):
        again.steps("grad_outputs")
    assert '"checks":{}' not in make_record().line()


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"val_loss": [1.0, 0.5]},
        {"val_loss": [1.0], "grad_weights": [1.0, 2.0]},
        {"val_loss": [1.0, 0.5], "grad_weights": [1.0, 2.0], "other_loss": [1.0, 2.0]},
    ],
)
def test_a_record_without_the_values_of_its_checks_is_refused(
    make_record: Make, values: Any
) -> None:
    with pytest.raises(ValueError, match="check"):
        checked(make_record(), values)


def test_a_diverged_run_may_have_fewer_values(make_record: Make) -> None:
    history = dict.fromkeys(make_record().history, (None,))
    found = {"val_loss": [None], "val_accuracy": [0.1]}
    record = checked(make_record(), found, history=history, scores=(), diverged=True)
    assert np.isnan(record.steps("val_loss")).all()


def test_a_diverged_run_holds_a_part_of_what_others_of_its_trial_hold(make_record: Make) -> None:
    values = {"val_loss": [1.0, 0.5], "val_accuracy": [0.1, 0.5]}
    whole = checked(make_record(), values | {"grad_weights": [[1.0, 2.0], [3.0, 4.0]]})
    history = dict.fromkeys(whole.history, (None,))
    lost = {"history": history, "scores": (), "diverged": True}
    early = whole.model_copy(update={**lost, "checks": {"val_loss": (None,)}})
    path = Path("a.jsonl")
    for records in ([whole, early, whole], [early, whole, early], [early, early]):
        refuse_strangers(path, records)
    fewer = whole.model_copy(update={"checks": {"val_loss": (1.0, 0.5)}})
    wider = early.model_copy(update={"checks": {"grad_weights": ((1.0, 2.0, 3.0),)}})
    for records in ([whole, fewer], [early, whole, fewer], [whole, wider], [fewer, whole]):
        with pytest.raises(RecordError, match=r"the same numbers at checks in a\.jsonl, line"):
            refuse_strangers(path, records)


def test_an_epoch_takes_time() -> None:
    (timing,) = (r for r in synthetic.stored().values() if r.identity.trial.kind == "timing")
    nothing = {name: [0.0] * len(values) for name, values in timing.history.items()}
    with pytest.raises(ValueError, match=r"expected .* from 1e-09 to 1e.07, received 0"):
        Record.model_validate(timing.model_dump() | {"history": nothing})


def test_runs_of_one_trial_share_it_and_are_each_checked(path: Path, make_record: Make) -> None:
    first, second, other = make_record(1), make_record(2), make_record(1, name="quick")
    store(path, "".join(f"{record.sealed()}\n" for record in (first, second, other)))
    found = read(path, silent)
    assert [*found.values()] == [first, second, other]
    trials = [record.identity.trial for record in found.values()]
    assert trials[0] is trials[1]
    assert trials[0] is not trials[2]
    # One that is equal in Python and another in JSON is another trial.
    content = second.model_dump(mode="json")
    content["identity"]["trial"]["epochs"] = 2.0
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    content["digest"] = hashlib.sha256(text.encode()).hexdigest()
    store(path, json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n")
    assert read(path, silent) == {second.id: second}
    assert read(path, silent)[second.id].identity.trial is not trials[1]
    # A trial that was read before is no pass for the rest of a record.
    content["identity"]["seed"] = "one"
    del content["digest"]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    content["digest"] = hashlib.sha256(text.encode()).hexdigest()
    store(path, json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n")
    with pytest.raises(RecordError, match=r"identity\.seed"):
        read(path, silent)
