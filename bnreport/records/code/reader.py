"""Read one definition: write down what it says, and collect what it names."""

import ast
import re
from collections.abc import Callable, Collection
from typing import Any

from bnreport.records.code.names import Names
from bnreport.records.code.source import (
    MAIN,
    Binding,
    Comprehension,
    External,
    Function,
    Key,
    Module,
    Scope,
    Text,
    UnseenError,
    id_of,
    names_in,
    nodes_inside,
    stored_names,
    without_docstring,
)

# How a text names another definition: no syntax tree holds these characters.
MARK = re.compile("\x00([^\x00]*)\x01([^\x00]*)\x00")
# Calls that could reach code whose name is nowhere written down.
UNSEEN = {"__import__", "eval", "exec", "globals", "import_module"}


class Reader:
    """Reads one definition: writes its text down and collects what it names."""

    def __init__(self, names: Names, key: Key) -> None:
        self.names, self.key, self.text = names, key, Text()
        # What names stand for in functions, innermost last. Those that a class body binds are left
        # out: until it has bound them they stand for what they do outside.
        self.scopes: list[Scope] = []
        source = names.source(key.module)
        nodes: list[ast.stmt] = source.defined[key.name]
        if key.member:
            nodes = names.members(key._replace(member=""))[key.member]
        elif any("__file__" in names_in(n) for n in nodes if isinstance(n, ast.Assign)):
            # Where a file lies is no part of what it does.
            nodes = []
        prefix = f"{key.name}." if key.member else ""
        self.text.shown = prefix + "".join(self.dump(node) for node in nodes)

    def look_up(self, name: str) -> Binding | None:
        """Follow a name from here."""
        for scope in reversed(self.scopes):
            if name in scope:
                return self.names.follow(scope[name])
        return self.names.follow(self.names.scope(self.key.module).get(name))

    def dump(self, node: object) -> str:
        """The text of a syntax tree, the same on every Python."""
        if isinstance(node, list):
            return f"[{','.join(filter(None, map(self.dump, node)))}]"
        if not isinstance(node, ast.AST):
            return repr(node)
        special = _SPECIAL.get(type(node))
        return special(self, node) if special else self._fields(node)

    def _fields(self, node: ast.AST, without: Collection[str] = ()) -> str:
        parts = []
        for name in node._fields:
            value = getattr(node, name, None)
            # Later versions of Python add fields; empty, they say nothing. Nor does a context.
            if value not in (None, []) and name != "ctx" and name not in without:
                parts.append(f"{name}={self.dump(value)}")
        return f"{type(node).__name__}({','.join(parts)})"

    def _constant(self, node: ast.Constant) -> str:
        return self._string(node.value) if isinstance(node.value, str) else self._fields(node)

    def _comprehension(self, node: Comprehension) -> str:
        # What is gone through first is evaluated outside.
        self.dump(node.generators[0].iter)
        self.scopes.append(dict.fromkeys(stored_names(nodes_inside(*node.generators))))
        text = self._fields(node)
        self.scopes.pop()
        return text

    def _keyword(self, node: ast.keyword) -> str:
        self.text.words.update(filter(None, [node.arg]))
        return self._fields(node)

    def _pattern(self, node: ast.MatchClass) -> str:
        self.text.words.update(node.kwd_attrs)
        return self._fields(node)

    def _binding(self, node: ast.expr) -> Binding | None:
        if isinstance(node, ast.Attribute):
            return self.names.member(self._binding(node.value), node.attr)
        return self.look_up(node.id) if isinstance(node, ast.Name) else None

    def _name(self, node: ast.Name | ast.Attribute) -> str:
        binding = self._binding(node)
        if isinstance(binding, Key):
            if binding.name not in self.names.registries:
                self.text.keys.add(binding)
            return f"Name(\0{binding.module}\1{binding.name}\0)"
        if isinstance(binding, External):
            return f"Name({binding.path})"
        if isinstance(binding, Module):
            return "Name(module)"
        if isinstance(node, ast.Attribute):
            self.text.words.add(node.attr)
        return self._fields(node)

    def _string(self, value: str) -> str:
        if "." in value and self.names.knows(value):
            # `python -m package.module`: what runs then, wherever the module lies.
            if MAIN in self.names.source(value).defined:
                self.text.keys.add(Key(value, MAIN))
            return "Constant(module)"
        if value.isidentifier():
            self.text.words.add(value)
        return f"Constant({value!r})"

    def _import(self, node: ast.Import | ast.ImportFrom) -> str:
        names = self.names.imported([node], self.key.module)
        bindings = map(self.names.follow, names.values())
        outside = sorted(to.path for to in bindings if isinstance(to, External))
        return f"Import({','.join(outside)})" if outside else ""

    def _function(self, node: Function | ast.Lambda) -> str:
        arguments = node.args
        given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        given += filter(None, [arguments.vararg, arguments.kwarg])
        scope: Scope = dict.fromkeys(argument.arg for argument in given)
        # Defaults, decorators and annotations are evaluated around the function, not in it.
        around = self._fields(node, without=["body", "name"])
        own = node.body if isinstance(node.body, list) else [node.body]
        inside = nodes_inside(*own)
        scope |= dict.fromkeys(stored_names(inside))
        imports = [n for n in inside if isinstance(n, ast.Import | ast.ImportFrom)]
        scope |= self.names.imported(imports, self.key.module)
        for name in {name for n in inside if isinstance(n, ast.Global) for name in n.names}:
            scope.pop(name, None)
        self.scopes.append(scope)
        body = self.dump(without_docstring(own))
        self.scopes.pop()
        return f"{getattr(node, 'name', '')}{around}{body}"

    def _class(self, node: ast.ClassDef) -> str:
        around = self._fields(node, without=["body", "name"])
        body = without_docstring(node.body)
        if not self.scopes:
            apart = [s for statements in self.names.members(self.key).values() for s in statements]
            body = [statement for statement in body if statement not in apart]
        return f"{node.name}{around}{self.dump(body)}"

    def _call(self, node: ast.Call) -> str:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else id_of(node.func)
        of_module = name == "getattr" and isinstance(self._binding(node.args[0]), Module)
        if of_module or name in UNSEEN:
            raise UnseenError(
                "Expected code that a run executes to name what it uses. Received: "
                f"{name}(…) in line {node.lineno} of {self.key.module}. Name what it looks up, or "
                "keep it in a dictionary."
            )
        return self._fields(node)


_SPECIAL: dict[type[ast.AST], Callable[[Reader, Any], str]] = {
    ast.Name: Reader._name,
    ast.Attribute: Reader._name,
    ast.Constant: Reader._constant,
    ast.Import: Reader._import,
    ast.ImportFrom: Reader._import,
    ast.FunctionDef: Reader._function,
    ast.AsyncFunctionDef: Reader._function,
    ast.Lambda: Reader._function,
    ast.ClassDef: Reader._class,
    ast.ListComp: Reader._comprehension,
    ast.SetComp: Reader._comprehension,
    ast.DictComp: Reader._comprehension,
    ast.GeneratorExp: Reader._comprehension,
    ast.Call: Reader._call,
    ast.keyword: Reader._keyword,
    ast.MatchClass: Reader._pattern,
}
