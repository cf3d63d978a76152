"""Refuse a notebook whose code has changed, or whose outputs a page must not show."""

from pathlib import Path
from typing import Any

import lxml.html
from pydantic import ValidationError

from bnreport.errors import GateError
from bnreport.records.code import executed
from bnreport.records.code.ancestry import Ancestry
from bnreport.records.notebook import (
    Execution,
    code_cells,
    outputs_digest,
    read_notebook,
    source_digest,
)
from bnreport.site.checks import active

# What an output may be: text, pictures, and HTML that only lays these out. Whatever else a notebook
# can hold, scripts and widgets say, the page would show as it is.
SHOWN = {"text/plain", "text/html", "image/png", "image/svg+xml"}
LAID_OUT = set(
    "b br caption code col colgroup dd div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img "
    "li ol p pre small span strong sub sup table tbody td tfoot th thead tr ul".split()
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
            f"Expected {expected} in {path}. Received: {received}. Run `bnreport notebook`."
        )

    notebook = read_notebook(path)
    for number, cell in enumerate(code_cells(notebook), start=1):
        for output in cell.outputs:
            if output.output_type == "error":
                raise refusal("no error", f"{output.ename} in cell {cell.id!r}")
            if strange := _strange(output):
                raise refusal("outputs of text and pictures", f"{strange} in cell {cell.id!r}")
        count = cell.execution_count
        if count != number:
            received = f"[{count}] at cell {cell.id!r}" if count else f"cell {cell.id!r} never ran"
            raise refusal("all code cells executed in one go, in order", received)
    try:
        execution = Execution.model_validate(notebook.metadata.get("bnreport"))
    except ValidationError as error:
        raise refusal("the provenance of its execution", "none, or a damaged one") from error
    for label, expected, received in (
        ("the outputs of code cells", source_digest(notebook, path), execution.source),
        ("the outputs of code that its cells lead to,", *_code(execution, code)),
        (
            "text cells, outputs and provenance as executed, digest",
            execution.outputs,
            outputs_digest(notebook, execution),
        ),
    ):
        if expected != received:
            raise refusal(f"{label} {expected[:12] or 'none'}", received[:12])


def _code(execution: Execution, code: Ancestry) -> tuple[str, str]:
    """The digests of what the cells lead to, now and then; equal where it does the same."""
    # From before there were such digests: the commit tells what the cells led to.
    commits = {} if execution.dirty else code.commits
    then = commits.get(execution.commit, {}).get(executed.NOTEBOOK, execution.code)
    current = code.today[executed.NOTEBOOK]
    return current, current if code.does_the_same(executed.NOTEBOOK, then) else then


def _strange(output: Any) -> str:
    """Name what a page may not show of an output; empty when there is nothing."""
    if output.output_type == "stream":
        return ""
    if others := set(output.data) - SHOWN:
        return ", ".join(sorted(others))
    tree = lxml.html.fragment_fromstring(output.data.get("text/html", ""), create_parent="div")
    strange = [
        f"<{e.tag}>" for e in tree.iter() if isinstance(e.tag, str) and e.tag not in LAID_OUT
    ]
    strange += [f"{danger}: {text[:40]}" for danger, text, _ in active.dangers(tree)]
    return "; ".join(strange[:3])
