"""The notebook runs whole or stays as it was, and is refused once its code has changed."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from bnreport.errors import GateError, TrainingError
from bnreport.records import provenance
from bnreport.records.code import executed as code
from bnreport.records.code.ancestry import Ancestry
from bnreport.records.layout import Layout
from bnreport.records.notebook import Execution, source_digest
from bnreport.running.notebook import execute, sealed
from bnreport.site.checks.notebook import check

Notebook = nbformat.NotebookNode
NOTEBOOK = Layout(provenance.ROOT).notebook
CODE = Ancestry(code.today())


def toy(*sources: str) -> Notebook:
    """A notebook with a title and those code cells, not executed."""
    cells = [new_code_cell(source, id=f"code-{n}") for n, source in enumerate(sources, start=1)]
    notebook: Notebook = new_notebook(cells=[new_markdown_cell("# A title", id="title"), *cells])
    return notebook


def executed() -> Notebook:
    """A notebook as `execute` leaves it behind."""
    notebook = toy("x = 1", "print(x)")
    for number, cell in enumerate(notebook.cells[1:], start=1):
        cell.execution_count = number
    notebook.cells[2].outputs = [new_output("stream", name="stdout", text="1\n")]
    made = Execution(
        source=source_digest(notebook),
        code=code.today()[code.NOTEBOOK],
        commit="unknown",
        dirty=True,
        backend="tensorflow",
        device="a device",
        versions={},
        seconds=1.0,
    )
    found: Notebook = nbformat.reads(sealed(notebook, made), as_version=4)
    return found


def saved(notebook: Notebook, folder: Path) -> Path:
    path = folder / "toy.ipynb"
    nbformat.write(notebook, path)
    return path


def as_just_executed(notebook: Notebook) -> Notebook:
    """The notebook as if these had been its outputs."""
    made = Execution.model_validate(notebook.metadata["bnreport"])
    found: Notebook = nbformat.reads(sealed(notebook, made), as_version=4)
    return found


def test_the_digest_sees_code_and_neither_comments_nor_outputs_nor_text() -> None:
    plain, full = toy("x = 1"), executed()
    noted = toy("x = 1  # one")
    noted.cells[0].source = "# Another title"
    assert source_digest(plain) == source_digest(noted)
    full.cells[2].outputs = []
    assert source_digest(full) == source_digest(executed())
    assert source_digest(plain) != source_digest(toy("x = 2"))
    assert source_digest(toy("a", "b")) != source_digest(toy("b", "a"))


def test_a_magic_is_refused_by_the_name_of_its_cell_and_file() -> None:
    for cell in ("%matplotlib inline", "x = '\0'", "(" * 10_000):
        with pytest.raises(GateError, match=r"cell 'code-2' of toy\.ipynb"):
            source_digest(toy("x = 1", cell), "toy.ipynb")


def test_a_notebook_executed_by_the_code_that_stands_passes(tmp_path: Path) -> None:
    check(saved(executed(), tmp_path), CODE)


def never_ran(notebook: Notebook) -> None:
    notebook.cells[2].execution_count = None


def ran_twice(notebook: Notebook) -> None:
    notebook.cells[2].execution_count = 7


def raised(notebook: Notebook) -> None:
    notebook.cells[2].outputs = [new_output("error", ename="KeyError", evalue="'x'", traceback=[])]


def without_provenance(notebook: Notebook) -> None:
    del notebook.metadata["bnreport"]


def with_other_cells(notebook: Notebook) -> None:
    notebook.cells[2].source = "print(-x)"


def with_other_training_code(notebook: Notebook) -> None:
    notebook.metadata["bnreport"]["code"] = "0" * 64


def with_another_number(notebook: Notebook) -> None:
    notebook.cells[2].outputs[0].text = "2\n"


def without_outputs(notebook: Notebook) -> None:
    notebook.cells[2].outputs = []


def with_another_picture(notebook: Notebook) -> None:
    notebook.cells[1].outputs = [new_output("display_data", data={"image/png": "AA=="})]


def with_another_title(notebook: Notebook) -> None:
    notebook.cells[0].source = "# Another title"


def without_a_digest(notebook: Notebook) -> None:
    del notebook.metadata["bnreport"]["outputs"]


def on_another_device(notebook: Notebook) -> None:
    notebook.metadata["bnreport"]["device"] = "a better device"


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (with_another_number, "as executed, digest"),
        (without_outputs, "as executed, digest"),
        (with_another_picture, "as executed, digest"),
        (with_another_title, "as executed, digest"),
        (on_another_device, "as executed, digest"),
        (without_a_digest, "as executed, digest none"),
        (never_ran, "'code-2' never ran"),
        (ran_twice, r"\[7\] at cell 'code-2'"),
        (raised, "KeyError in cell 'code-2'"),
        (without_provenance, "provenance"),
        (with_other_cells, "code cells"),
        (with_other_training_code, "that its cells lead to"),
    ],
)
def test_any_other_notebook_is_refused_with_the_remedy(
    spoil: Callable[[Notebook], None], named: str, tmp_path: Path
) -> None:
    notebook = executed()
    spoil(notebook)
    with pytest.raises(GateError, match=rf"{named}.*bnreport notebook"):
        check(saved(notebook, tmp_path), CODE)


PICTURE = '<img src="data:image/png;base64,AA==" alt="A line.">'


@pytest.mark.parametrize(
    ("kind", "data", "named"),
    [
        ("text/html", "<script>alert(1)</script>", "<script>"),
        ("text/html", '<img src="a.png" alt="A line." onerror="alert(1)">', "onerror"),
        ("text/html", '<p><a href="javascript:alert(1)">a link</a></p>', "<a>"),
        ("text/html", "<style>p { color: red }</style>", "<style>"),
        ("text/html", '<iframe srcdoc="text"></iframe>', "<iframe>"),
        ("text/html", '<img src="data:text/html,text" alt="A line.">', "strange scheme"),
        ("text/html", '<svg onload="alert(1)"></svg>', "<svg>"),
        ("text/markdown", "[a link](javascript:alert)", "text/markdown"),
        ("application/javascript", "alert(1)", "application/javascript"),
        ("application/vnd.jupyter.widget-view+json", {}, "widget"),
    ],
)
def test_an_output_that_is_more_than_text_and_pictures_is_refused(
    kind: str, data: object, named: str, tmp_path: Path
) -> None:
    notebook = executed()
    notebook.cells[2].outputs = [new_output("display_data", data={kind: data})]
    with pytest.raises(GateError, match=rf"text and pictures.*{named}.*cell 'code-2'"):
        check(saved(notebook, tmp_path), CODE)


def test_text_tables_and_pictures_are_let_through(tmp_path: Path) -> None:
    notebook = executed()
    html = f'<table><tr><td style="color: red">1 &lt; 2</td></tr></table>{PICTURE}'
    notebook.cells[2].outputs = [
        new_output("display_data", data={"text/html": html, "text/plain": "<script>"}),
        new_output("display_data", data={"text/html": "", "image/png": "AA=="}),
    ]
    check(saved(as_just_executed(notebook), tmp_path), CODE)


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "{}",
        "no notebook",
        "[]",
        "null",
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": null}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1]}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": [], "cells": []}',
        '{"nbformat": NaN, "nbformat_minor": 5, "metadata": {}, "cells": []}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {"a": NaN}, "cells": []}',
        '{"nbformat": 4, "nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}\udcff',
        "[" * 100_000,
    ],
    ids=lambda content: str(content)[:40],
)
def test_a_missing_or_damaged_file_is_refused_by_name(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "toy.ipynb"
    if content is not None:
        path.write_text(content, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(GateError, match=r"toy\.ipynb"):
        check(path, CODE)


@pytest.mark.train
def test_executing_writes_outputs_and_provenance_and_nothing_volatile(tmp_path: Path) -> None:
    source = "import os; print(os.path.basename(os.environ['BNREPORT_DATA']))"
    path = saved(toy(source, "_ = os.write(2, b'a log line'); print(6 * 7)"), tmp_path)
    said: list[str] = []
    execute(path, Path("images"), said.append)
    check(path, CODE)
    notebook = nbformat.read(path, as_version=4)
    _, first, second = notebook.cells
    assert [output.text for output in first.outputs + second.outputs] == ["images\n", "42\n"]
    assert [cell.metadata for cell in notebook.cells] == [{}, {}, {}]
    assert set(notebook.metadata) == {"bnreport", "kernelspec", "language_info"}
    assert {"python", "keras"} <= set(notebook.metadata["bnreport"]["versions"])
    assert any("'code-2'" in line for line in said)


@pytest.mark.train
def test_a_cell_that_raises_is_named_and_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = saved(toy("x = 1", "x / 0"), tmp_path)
    before = path.read_bytes()
    with pytest.raises(TrainingError, match=r"ZeroDivisionError.* cell 3, 'code-2'"):
        execute(path, None, lambda text: None)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["toy.ipynb"]


def test_the_notebook_calls_fit_once_as_the_trap() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert code.count(".fit(") == 1


def test_the_notebook_shows_no_path_log_or_colour_code_and_describes_its_figures() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = json.dumps([re.sub(r"base64,[^\"\\]+", "", json.dumps(output)) for output in outputs])
    assert not re.search(r"/(home|root|tmp|Users|usr)/|\.py:|\\u001b|stderr", shown)
    pictures = re.findall(r"<img [^>]+>", shown)
    assert 0 < len(pictures) <= 8
    assert all("alt=" in picture for picture in pictures)
    assert all(len(re.sub(r".*alt=", "", picture)) > 40 for picture in pictures)
