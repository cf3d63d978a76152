"""Execute the notebook, and say by which code."""

import json
import os
import time
from pathlib import Path
from typing import Any

from bnreport import machine
from bnreport.errors import TrainingError
from bnreport.records import checkout, provenance
from bnreport.records.code import executed
from bnreport.records.notebook import Execution, outputs_digest, read_notebook, source_digest
from bnreport.records.store import Say
from bnreport.records.writing import write_text
from bnreport.running.worker import LIBRARIES
from bnreport.training import backends

# Only what every machine writes alike.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
PROBE = "from bnreport.running import notebook; print(notebook.surroundings())"


def sealed(notebook: Any, execution: Execution) -> str:
    """The text of a notebook file with its execution in it, under the digest of its outputs."""
    import nbformat

    # What a file holds is what counts: lines are put together otherwise in memory.
    notebook = nbformat.reads(nbformat.writes(notebook), as_version=4)
    execution = execution.model_copy(update={"outputs": outputs_digest(notebook, execution)})
    notebook.metadata = nbformat.from_dict(METADATA | {"bnreport": execution.model_dump()})
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

    notebook = read_notebook(path)
    source, code = source_digest(notebook, path), executed.today()[executed.NOTEBOOK]
    commit, dirty = checkout.commit()
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
            "Fix the cell; the file was left as it was."
        ) from error
    if executed.today()[executed.NOTEBOOK] != code:
        raise TrainingError(
            "Expected the training code to stay as it was while the notebook runs. "
            "Received: a changed file. Run the command again."
        )
    around = json.loads(notebook.cells.pop().outputs[0].text)
    seconds = round(time.perf_counter() - began, 1)
    execution = Execution(
        source=source, code=code, commit=commit, dirty=dirty, seconds=seconds, **around
    )
    write_text(path, sealed(notebook, execution))


def surroundings() -> str:
    """The backend, device and versions of this process, as JSON: what the kernel is asked for."""
    backend = backends.name()
    return json.dumps(
        {
            "backend": backend,
            "device": backends.accelerator() or machine.processor(),
            "versions": machine.versions(LIBRARIES[backend]),
        }
    )


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
    paths = [str(provenance.SOURCES), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return environment | ({"BNREPORT_DATA": str(folder.resolve())} if folder else {})
