"""Import our modules so that each of their functions says when it is entered.

A trace or a profile would be asked at each call of Keras and JAX, too, which slows these down by
half.
"""

import ast
import builtins
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, FrameType, ModuleType
from typing import Any

PACKAGE = "bnreport"
# What every function calls first, by a name that no class changes.
NOTE = "__entered__"
# Who is told of the frame of each call.
LISTENERS: list[Callable[[FrameType], None]] = []


def note() -> None:
    """Tell who listens that the caller was entered."""
    for listen in LISTENERS:
        listen(sys._getframe(1))


class Noting(ast.NodeTransformer):
    """Puts a call of `note` into all that has a frame of its own and may outlive what made it."""

    def _block(self, node: Any) -> Any:
        self.generic_visit(node)
        after_docstring = int(ast.get_docstring(node, clean=False) is not None)
        node.body.insert(after_docstring, ast.Expr(_call()))
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _block  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        """Note it with what it returns."""
        self.generic_visit(node)
        node.body = _noted(node.body)
        return node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.GeneratorExp:
        """Note it with each of its values."""
        self.generic_visit(node)
        node.elt = _noted(node.elt)
        return node


def _call() -> ast.Call:
    return ast.Call(ast.Name(NOTE, ast.Load()), [], [])


def _noted(value: ast.expr) -> ast.expr:
    """The value, once it was said that it is asked for: nothing is what `note` returns."""
    return ast.IfExp(_call(), ast.Constant(None), value)


class Loader(SourceFileLoader):
    """Loads a module of ours with the calls in it; what Python keeps of modules has none."""

    def get_code(self, fullname: str) -> CodeType:
        """Compile its source anew."""
        path = self.get_filename(fullname)
        tree = Noting().visit(ast.parse(self.get_data(path)))
        code: CodeType = compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)
        return code


class Finder(MetaPathFinder):
    """Finds our modules for this loader."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module; any other's is none of ours."""
        if fullname.partition(".")[0] != PACKAGE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.origin and isinstance(spec.loader, SourceFileLoader):
            spec.loader = Loader(fullname, spec.origin)
        return spec


def run() -> None:
    """Print what `profiled` finds, in a process that has imported none of ours."""
    setattr(builtins, NOTE, note)
    sys.meta_path.insert(0, Finder())
    from tests import profiled

    profiled.main()
