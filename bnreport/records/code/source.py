"""A module as its definitions, and what names in it stand for."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeAlias, get_args

from bnreport.errors import BnreportError

Scope: TypeAlias = dict[str, "Binding | Imported | None"]
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

# What has names of its own inside.
_INNER = (*get_args(Function), ast.ClassDef, ast.Lambda, *get_args(Comprehension))
# The name under which a module's `if __name__ == "__main__":` is kept.
MAIN = "__main__"
# The name under which its other statements are kept: they run as soon as it is imported.
STATEMENTS = "<statements>"
# Decorators of methods that run when they are named.
NAMED = {"cached_property", "classmethod", "property", "staticmethod"}
# The name with which a line begins.
_FIRST = re.compile(r"^(?:(?:async )?def |class )?(\w+)", re.MULTILINE)


class Key(NamedTuple):
    """A definition: its module, its name, and which member of a class, if it is one."""

    module: str
    name: str
    member: str = ""


class Module(NamedTuple):
    """A name that stands for a module of the package."""

    module: str


class External(NamedTuple):
    """A name that stands for something outside the package, by its dotted path."""

    path: str


class Imported(NamedTuple):
    """A name that stands for what another module calls so: found out once it is used.

    Modules may import each other in a circle, through the `__init__` of a package, say.
    """

    module: str
    name: str


Binding: TypeAlias = Key | Module | External


@dataclass
class Answers:
    """Hold what the files of a package answered: others that answer it give the same digests.

    `tops` holds the names of the outermost packages; `modules` the text of each module that was
    looked for, None where there is no such, and whether it is a package; `starts` the modules in
    which a line begins with a name.
    """

    tops: frozenset[str]
    modules: dict[str, tuple[str | None, bool]] = field(default_factory=dict)
    starts: dict[str, tuple[str, ...]] = field(default_factory=dict)


class UnseenError(BnreportError):
    """Reached code looks a name up in a way that cannot be followed."""


class Entry(NamedTuple):
    """The beginning of a run: the definition of that name whose own text names all of `beside`.

    `formerly` is where it began under another name, before it was renamed.
    """

    name: str
    beside: tuple[str, ...] = ()
    formerly: "tuple[Entry, ...]" = ()


@dataclass
class Text:
    """The text of a definition: `shown` with marks for other definitions, and what it names."""

    shown: str = ""
    keys: set[Key] = field(default_factory=set)
    words: set[str] = field(default_factory=set)


class Source:
    """A module: its definitions, and what the names at its top stand for."""

    def __init__(self, name: str, text: str, is_package: bool) -> None:
        self.name, self.is_package = name, is_package
        self.defined: dict[str, list[ast.stmt]] = {}
        self.imports: list[ast.Import | ast.ImportFrom] = []
        for statement in _parsed(text):
            self._take(statement)

    def _take(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Import() | ast.ImportFrom():
                self.imports.append(statement)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                self._define(name, statement)
            case ast.ClassDef(name=name):
                self._define(name, statement)
            case ast.Assign(targets=targets) if all(map(is_name, targets)):
                for name in stored_names(nodes_inside(statement)):
                    self._define(name, statement)
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.AugAssign(target=ast.Name(id=name)):
                self._define(name, statement)
            case ast.If(test=test) if "__name__" in names_in(test):
                self._define(MAIN, statement)
            case _:
                self._take_statement(statement)

    def _take_statement(self, statement: ast.stmt) -> None:
        """Take what runs on import: it counts by itself, and may define names."""
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        typing = isinstance(statement, ast.If) and "TYPE_CHECKING" in names_in(statement.test)
        if not docstring and not typing:
            self._define(STATEMENTS, statement)
        inside = nodes_inside(statement)
        self.imports += [n for n in inside if isinstance(n, ast.Import | ast.ImportFrom)]
        for name in stored_names(inside):
            self._define(name, statement)

    def _define(self, name: str, statement: ast.stmt) -> None:
        self.defined.setdefault(name, []).append(statement)


# One file is often the same at many commits.
@lru_cache(maxsize=1024)
def _parsed(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


@lru_cache(maxsize=4096)
def first_names(text: str) -> frozenset[str]:
    """The names with which lines begin: whatever a module defines at its top is among them."""
    return frozenset(_FIRST.findall(text))


def member_name(statement: ast.stmt) -> str:
    """The name of a member that counts once it is named; empty for what always runs."""
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.FunctionDef(name=name, decorator_list=decorators):
            # Validators run whenever a value is made, as do the methods that Python itself calls.
            named = {id_of(decorator) for decorator in decorators} <= NAMED
            return name if named and not name.startswith("__") else ""
    return ""


def nodes_inside(*nodes: ast.AST) -> list[ast.AST]:
    """The nodes and all below them, without what lies in functions, classes, comprehensions."""
    inside, todo = [], list(nodes)
    while todo:
        node = todo.pop()
        inside.append(node)
        if not isinstance(node, _INNER):
            todo += ast.iter_child_nodes(node)
    return inside


def stored_names(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that these nodes themselves bind, imports aside."""
    names: set[str] = set()
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ClassDef(name=name):
                names.add(name)
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                names.add(name)
            case ast.MatchStar(name=str() as name) | ast.MatchMapping(rest=str() as name):
                names.add(name)
    return names


def names_in(node: ast.AST) -> set[str]:
    """The names that a node holds."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def is_name(target: ast.expr) -> bool:
    """Say whether a target is a plain name, or several."""
    return all(
        isinstance(n, ast.Name | ast.Tuple | ast.List | ast.Starred | ast.expr_context)
        for n in ast.walk(target)
    )


def id_of(node: ast.AST | None) -> str:
    """The name that a node is; empty for other nodes."""
    return node.id if isinstance(node, ast.Name) else ""


def without_docstring(body: list[ast.stmt] | list[ast.expr]) -> list[ast.AST]:
    """The body of a function or class without its docstring."""
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest]:
            return list(rest)
    return list(body)
