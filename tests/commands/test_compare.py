"""`bnreport compare`: what it prints of a log, and what it says of one that it cannot read."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bnreport.commands.compare import BYTES, compare
from bnreport.commands.project import Project
from bnreport.errors import DataError
from bnreport.records.layout import Layout
from tests import printouts
from tests.studies.test_stories import notebook
from tests.synthetic import ROOT


def call(*arguments: object, text: str = "", fails: bool = False) -> Result:
    project = Project(Layout(ROOT))
    result = CliRunner().invoke(compare, [*map(str, arguments)], input=text, obj=project)
    assert bool(result.exception) is fails, result.output
    return result


def test_the_students_notebook_in_words_and_numbers(tmp_path: Path) -> None:
    log = tmp_path / "notebook.txt"
    log.write_text(notebook())
    out = call(log).output
    assert "Was it shuffled?" in out
    assert "holds 2 runs" in out
    first, second = out.partition("Run 2, ")[::2]
    assert "Compared as the net without BN at a rate of 0.001." in first
    assert "It could be a fresh run without BN at a rate of 0.01: 2 of our 60" in first
    assert "z by epoch, from our runs without BN, fresh, 0.001:" in first
    assert "z by epoch, from our runs without BN, fresh, 0.01:" in first
    assert "replayed, with BN" in second
    assert "10 of 20  fits" in second
    only = call(log, "--run", 2, "--rate", 0.01).output
    assert "Run 1, " not in only
    assert "with BN at a rate of 0.01." in only


def test_it_reads_what_comes_in_and_options_win_over_the_code() -> None:
    out = call("-", "--net", "bn", "--rate", "0.5", "--epochs", 3, text=notebook()).output
    assert "standard input holds 2 runs" in out
    assert "Compared as the net with BN at a rate of 0.5." in out
    assert "At a rate of 0.5 we have no runs." not in out
    assert "replayed, with BN" not in out
    assert "without BN" not in out.partition("Run 1")[2]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "Expected a file that can be read. Received: No such file"),
        (b"\xff\xfe\x00nothing", "nothing of the kind"),
        (
            "Epoch 1/1\n".encode("utf-16-le"),
            "in UTF-16 with a byte order mark. Received: UTF-16 wi",
        ),
        ("Epoch 1/1\n".encode("utf-32"), "Received: UTF-32. Save it as UTF-8."),
        (b"Epoch 0/3\n", "line 1: Expected the number of an epoch"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    log = tmp_path / "log.txt"
    if content is not None:
        log.write_bytes(content)
    error = call(log, fails=True).exception
    assert isinstance(error, DataError)
    assert str(error).startswith(str(log))
    assert words in str(error)
    assert isinstance(call(tmp_path, fails=True).exception, DataError)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
@pytest.mark.parametrize("text", [notebook(), "epoch,loss\r\n0,0.5\r\n"])
def test_a_log_with_a_byte_order_mark_is_read(tmp_path: Path, encoding: str, text: str) -> None:
    log = tmp_path / "log.txt"
    log.write_bytes(text.encode(encoding))
    assert "\nRun 1, line " in call(log).output


def test_a_file_without_an_end_is_refused() -> None:
    error = call("/dev/zero", fails=True).exception
    assert f"at most {BYTES:,} bytes" in str(error)


def test_a_loss_beyond_all_bounds_has_diverged_and_a_large_one_keeps_the_columns() -> None:
    out = call("-", text='{"loss": [1e308, 1], "accuracy": [0.5, 0.6]}').output
    assert "ITS LOSS IS ABOVE 1E30\nIn epoch 1 the loss is above 1e30" in out
    out = call("-", text='{"loss": [1e30, 1], "accuracy": [0.5, 0.6]}').output
    table = out.partition("\nepoch  ")[2]
    assert "e+3" in table
    assert max(map(len, table.splitlines())) < 75
    assert "inf" not in table


def test_a_run_that_is_not_there() -> None:
    text = printouts.keras_2_lines([(0.5, 0.8, 0.5, 0.8)])
    told = call("-", "--run", 2, text=text, fails=True).output
    assert "a run of standard input, which holds 1 run. Received: --run 2." in told


@pytest.mark.parametrize("rate", ["nan", "inf", "1e300", "1001", "0", "-1", "fast"])
def test_a_rate_that_nobody_meant_is_refused(rate: str) -> None:
    told = " ".join(call("-", "--rate", rate, text=notebook(), fails=True).output.split())
    assert f"Expected a rate above 0 and of at most 1,000. Received: {rate}." in told
