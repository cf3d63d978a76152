"""One word has one meaning, and an error tells its reader plainly what to do."""

import ast
import re
from collections.abc import Iterator

import pytest

from bnreport.records.provenance import PACKAGE, SOURCES

MODULES = sorted((SOURCES / PACKAGE).rglob("*.py"))
# "Do name one of them" for "Use one of these"; a question that begins so is none of these.
EMPHATIC = re.compile(r"\bDo ([a-z]+ )[^?]*$")


def messages(tree: ast.AST) -> Iterator[str]:
    """The texts of a module as they are written, each with what is filled in left out."""
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if id(node) in parts:
            continue
        if isinstance(node, ast.JoinedStr):
            texts = (part.value for part in node.values if isinstance(part, ast.Constant))
            yield "…".join(str(text) for text in texts)
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
        ):
            yield node.value


def emphatic(text: str) -> list[str]:
    """The messages of a module that say "Do mend it." for "Fix it."."""
    return [said for said in messages(ast.parse(text)) if EMPHATIC.search(said)]


@pytest.mark.parametrize(
    "text",
    [
        'raise ValueError("Expected a name. Received: none. Do mend it.")',
        'raise ValueError(f"Expected {name}. Received: {other}. Do " "run it again.")',
    ],
)
def test_an_emphatic_do_is_found(text: str) -> None:
    assert emphatic(text)


def test_a_question_is_no_emphatic_do() -> None:
    assert not emphatic('QUESTION = "Do deep nets confuse all images at the start, and why?"')


def test_messages_end_in_a_plain_instruction() -> None:
    found = {
        str(path.relative_to(SOURCES)): said
        for path in MODULES
        if (said := emphatic(path.read_text(encoding="utf-8")))
    }
    assert not found
