"""One word has one meaning, and an error tells its reader plainly what to do."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest

from bnreport.records.provenance import PACKAGE, SOURCES

MODULES = sorted((SOURCES / PACKAGE).rglob("*.py"))
# A question may begin with "Do".
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


def defined_twice(modules: Mapping[str, str]) -> dict[str, list[str]]:
    """The public classes that two modules define, each with these modules."""
    homes = defaultdict(list)
    for module, text in modules.items():
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(module)
    return {name: named for name, named in homes.items() if len(named) > 1}


def test_a_class_that_two_modules_define_is_found() -> None:
    one = "class Row: ...\nclass _Slot: ..."
    assert defined_twice({"one": one, "other": one}) == {"Row": ["one", "other"]}


def test_no_two_classes_share_a_name() -> None:
    assert not defined_twice({str(path): path.read_text(encoding="utf-8") for path in MODULES})
