"""The executed notebook as a record: its code, and how it was executed."""

import hashlib
from pathlib import Path
from typing import Any

from pydantic import Field

from bnreport.errors import GateError
from bnreport.protocol.frozen import Frozen, digest
from bnreport.records import provenance
from bnreport.records.documents import decoded
from bnreport.records.record import Printable, Token
from bnreport.records.store import DECODER


class Execution(Frozen):
    """The provenance of the notebook's execution.

    `source` is the digest of its code cells, `code` that of the definitions that they lead to, and
    `outputs` that of all else that its page shows, once it is `sealed`.
    """

    source: str
    code: str
    outputs: str = ""
    commit: Token
    dirty: bool
    backend: Token
    device: Printable
    versions: dict[Token, Token]
    seconds: float = Field(ge=0)


def source_digest(notebook: Any, where: object = "the notebook") -> str:
    """The SHA-256 of the code cells' syntax trees; comments, outputs and text do not count.

    Args:
        notebook: the notebook.
        where: what the message calls it.

    Raises:
        GateError: when a code cell is not plain Python.
    """
    total = hashlib.sha256()
    for cell in code_cells(notebook):
        try:
            total.update(f"{provenance.syntax(cell.source)}\n".encode())
        except (SyntaxError, ValueError, RecursionError) as error:
            raise GateError(
                f"Expected plain Python, without magics, in cell {cell.id!r} of {where}. "
                f"Received: {error}. Fix the cell."
            ) from error
    return total.hexdigest()


def outputs_digest(notebook: Any, execution: Execution) -> str:
    """The SHA-256 of text cells, outputs and what is told of the execution, in this order.

    The code cells and our code have digests of their own.
    """
    cells = [
        [cell.cell_type, cell.outputs if cell.cell_type == "code" else cell.source]
        for cell in notebook.cells
    ]
    signed = execution.model_dump(mode="json", exclude={"source", "code", "outputs"})
    return digest({"cells": cells, "execution": signed})


def read_notebook(path: Path) -> Any:
    """The notebook of that path."""
    import nbformat

    try:
        text = decoded(path)
        DECODER.decode(text)
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    # What is JSON and no notebook, a list or a cell of text, nbformat takes apart before it looks.
    except (
        AssertionError,
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
            "Restore the file from version control."
        ) from error
    return notebook


def code_cells(notebook: Any) -> list[Any]:
    """The cells of a notebook that hold code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]
