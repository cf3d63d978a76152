"""The notebook: executed before MkDocs runs, and refused once its code has changed."""

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import lxml.html
from pydantic import ValidationError

from bnreport import active, backends, executed, provenance
from bnreport.ancestry import Ancestry
from bnreport.errors import GateError, TrainingError
from bnreport.records import Say, write_text
from bnreport.trials import Frozen, digest
from bnreport.worker import LIBRARIES

# Only what every machine writes alike.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# What an output may be: text, pictures, and HTML that only lays these out. Whatever else a notebook
# can hold, scripts and widgets say, the page would show as it is.
SHOWN = {"text/plain", "text/html", "image/png", "image/svg+xml"}
LAID_OUT = set(
    "b br caption code col colgroup dd div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img "
    "li ol p pre small span strong sub sup table tbody td tfoot th thead tr ul".split()
)
PROBE = "from bnreport import notebooks; print(notebooks.surroundings())"


class Execution(Frozen):
    """How the notebook was executed.

    `source` is the digest of its code cells, `code` that of the definitions that they lead to, and
    `outputs` that of all else that its page shows, once it is `sealed`.
    """

    source: str
    code: str
    outputs: str = ""
    commit: str
    dirty: bool
    backend: str
    device: str
    versions: dict[str, str]
    seconds: float


def source_digest(notebook: Any) -> str:
    """The SHA-256 of the code cells' syntax trees; comments, outputs and text do not count.

    Raises:
        GateError: when a code cell is not plain Python.
    """
    total = hashlib.sha256()
    for cell in _code_cells(notebook):
        try:
            total.update(f"{provenance.syntax(cell.source)}\n".encode())
        except SyntaxError as error:
            raise GateError(
                f"Expected plain Python, without magics, in the notebook's cell {cell.id!r}. "
                f"Received: {error}. Do mend the cell."
            ) from error
    return total.hexdigest()


def outputs_digest(notebook: Any, made: Execution) -> str:
    """The SHA-256 of text cells, outputs and what is told of the execution, in this order.

    The code cells and our code have digests of their own.
    """
    cells = [
        [cell.cell_type, cell.outputs if cell.cell_type == "code" else cell.source]
        for cell in notebook.cells
    ]
    told = made.model_dump(mode="json", exclude={"source", "code", "outputs"})
    return digest({"cells": cells, "execution": told})


def sealed(notebook: Any, made: Execution) -> str:
    """The text of a notebook file with its execution in it, under the digest of its outputs."""
    import nbformat

    # What a file holds is what counts: lines are put together otherwise in memory.
    notebook = nbformat.reads(nbformat.writes(notebook), as_version=4)
    made = made.model_copy(update={"outputs": outputs_digest(notebook, made)})
    notebook.metadata = nbformat.from_dict(METADATA | {"bnreport": made.model_dump()})
    return str(nbformat.writes(notebook)) + "\n"


def execute(path: Path, folder: Path | None, say: Say) -> None:
    """Run the notebook in a fresh kernel and write it with its outputs and its provenance.

    Args:
        path: the notebook; it stays as it was when a cell raises.
        folder: the folder with the images; with None the notebook finds or downloads them.
        say: told of each cell.

    Raises:
        GateError: when the file is no notebook.
        TrainingError: when a cell raises, the kernel dies, or the training code changes meanwhile.
    """
    import nbformat
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    notebook = _read(path)
    source, code = source_digest(notebook), executed.today()[executed.NOTEBOOK]
    commit, dirty = provenance.commit()
    began, where = time.perf_counter(), "the kernel"

    def start(cell: Any, cell_index: int) -> None:
        nonlocal where
        where = f"cell {cell_index + 1}, {cell.id!r}"
        say(f"Notebook: {where}.")

    notebook.cells.append(nbformat.v4.new_code_cell(PROBE, id="provenance"))
    try:
        _client(notebook, path.parent, start).execute(env=_environment(folder))
    except (CellExecutionError, DeadKernelError) as error:
        name, reason = getattr(error, "ename", "the kernel"), getattr(error, "evalue", error)
        raise TrainingError(
            f"Expected {path} to run to its end. Received: {name}: {reason} in {where}. "
            "Do mend the cell; the file was left as it was."
        ) from error
    if executed.today()[executed.NOTEBOOK] != code:
        raise TrainingError(
            "Expected the training code to stay as it was while the notebook runs. "
            "Received: a changed file. Do run the command again."
        )
    around = json.loads(notebook.cells.pop().outputs[0].text)
    seconds = round(time.perf_counter() - began, 1)
    made = Execution(
        source=source, code=code, commit=commit, dirty=dirty, seconds=seconds, **around
    )
    write_text(path, sealed(notebook, made))


def surroundings() -> str:
    """The backend, device and versions of this process, as JSON: what the kernel is asked for."""
    backend = backends.name()
    return json.dumps(
        {
            "backend": backend,
            "device": backends.accelerator() or provenance.processor(),
            "versions": provenance.versions(LIBRARIES[backend]),
        }
    )


def check(path: Path, code: Ancestry) -> None:
    """Return nothing when the notebook was executed, whole and without error, by today's code.

    Its code cells must be the same, and the definitions that they lead to must do the same.

    Args:
        path: the notebook.
        code: which code made it, and what the code as it is does.

    Raises:
        GateError: when it was not; the message says what to do.
    """

    def refusal(expected: str, received: str) -> GateError:
        return GateError(
            f"Expected {expected} in {path}. Received: {received}. Do run `bnreport notebook`."
        )

    notebook = _read(path)
    for number, cell in enumerate(_code_cells(notebook), start=1):
        for output in cell.outputs:
            if output.output_type == "error":
                raise refusal("no error", f"{output.ename} in cell {cell.id!r}")
            if strange := _strange(output):
                raise refusal("outputs of text and pictures", f"{strange} in cell {cell.id!r}")
        count = cell.execution_count
        if count != number:
            found = f"[{count}] at cell {cell.id!r}" if count else f"cell {cell.id!r} never ran"
            raise refusal("all code cells executed in one go, in order", found)
    try:
        made = Execution.model_validate(notebook.metadata.get("bnreport"))
    except ValidationError as error:
        raise refusal("the provenance of its execution", "none, or a damaged one") from error
    for what, expected, received in (
        ("the outputs of code cells", source_digest(notebook), made.source),
        ("the outputs of code that its cells lead to,", *_code(made, code)),
        (
            "text cells, outputs and provenance as executed, digest",
            made.outputs,
            outputs_digest(notebook, made),
        ),
    ):
        if expected != received:
            raise refusal(f"{what} {expected[:12] or 'none'}", received[:12])


def _code(made: Execution, code: Ancestry) -> tuple[str, str]:
    """The digests of what the cells lead to, now and then; equal where it does the same."""
    # From before there were such digests: the commit tells what the cells led to.
    commits = {} if made.dirty else code.commits
    then = commits.get(made.commit, {}).get(executed.NOTEBOOK, made.code)
    now = code.today[executed.NOTEBOOK]
    return now, now if code.does_the_same(executed.NOTEBOOK, then) else then


def _strange(output: Any) -> str:
    """What a page may not show of an output; empty when there is nothing."""
    if output.output_type == "stream":
        return ""
    if others := set(output.data) - SHOWN:
        return ", ".join(sorted(others))
    tree = lxml.html.fragment_fromstring(output.data.get("text/html", ""), create_parent="div")
    found = [f"<{e.tag}>" for e in tree.iter() if isinstance(e.tag, str) and e.tag not in LAID_OUT]
    found += [f"{what}: {found[:40]}" for what, found, _ in active.dangers(tree)]
    return "; ".join(found[:3])


def _read(path: Path) -> Any:
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    # What is JSON and no notebook, a list or a cell of text, nbformat takes apart before it looks.
    except (
        AttributeError,
        KeyError,
        OSError,
        RecursionError,
        TypeError,
        ValueError,
        nbformat.ValidationError,
    ) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise GateError(
            f"Expected a notebook in {path}. Received: {reason}. "
            "Do restore the file from version control."
        ) from error
    return notebook


def _code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _client(notebook: Any, folder: Path, start: Any) -> Any:
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    # With no folder to look for kernels in, only this interpreter's own is left.
    native = KernelSpecManager(kernel_dirs=[])
    return NotebookClient(
        notebook,
        km=AsyncKernelManager(kernel_name="python3", kernel_spec_manager=native),
        timeout=None,
        record_timing=False,
        coalesce_streams=True,
        # What TensorFlow's libraries log below Python is no part of the page.
        extra_arguments=["--IPKernelApp.capture_fd_output=False", "--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=start,
    )


def _environment(folder: Path | None) -> dict[str, str]:
    # The kernel must run the code whose digest is written down.
    paths = [str(provenance.ROOT), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return environment | ({"BNREPORT_DATA": str(folder.resolve())} if folder else {})
