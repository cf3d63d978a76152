"""Follow names from an entry to the definitions that it executes, and digest what these say.

A definition is a function, a class or a constant of a module. Its text is its syntax tree without
docstrings, imports from the package and module qualifiers; where it lies does not count, so that a
module can be renamed or moved. The methods of a class count one by one, and so do the fields of a
pydantic class: each is reached once reached code names it, as an attribute, a keyword or a string.
A class that inherits from a library counts whole, for the library may call any of its methods.
"""

import ast
import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from bnreport.records.code.source import (
    MAIN,
    STATEMENTS,
    Binding,
    Comprehension,
    Entry,
    External,
    Function,
    Imported,
    Key,
    Module,
    Scope,
    Source,
    Text,
    UnseenError,
    id_of,
    member_name,
    names_in,
    nodes_inside,
    stored_names,
    without_docstring,
)

# Calls that could reach code whose name is nowhere written down.
UNSEEN = {"__import__", "eval", "exec", "globals", "import_module"}


class Package:
    """The modules of a package, parsed as names lead to them."""

    def __init__(self, sources: Mapping[str, str], registries: Collection[str] = ()) -> None:
        """Take the sources.

        Args:
            sources: the text of each file by its path, such as "package/module.py".
            registries: names of constants that code looks things up in; they are not followed.
        """
        self.registries = frozenset(registries)
        self._texts = {_dotted(path): text for path, text in sources.items()}
        self._packages = {_dotted(path) for path in sources if path.endswith("__init__.py")}
        self._sources: dict[str, Source] = {}
        self._scopes: dict[str, Scope] = {}
        self._read: dict[Key, Text] = {}
        self._followed: set[Imported] = set()

    @classmethod
    def at(cls, root: Path, package: str, registries: Collection[str] = ()) -> "Package":
        """The package of that name in a folder."""
        files = sorted((root / package).rglob("*.py"))
        return cls(
            {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in files},
            registries,
        )

    @cached_property
    def _tops(self) -> set[str]:
        return {name.split(".")[0] for name in self._texts}

    def knows(self, module: str) -> bool:
        """Whether there is such a module."""
        return module in self._texts

    def source(self, module: str) -> Source:
        """A module, parsed."""
        if module not in self._sources:
            self._sources[module] = Source(module, self._texts[module], module in self._packages)
        return self._sources[module]

    def scope(self, module: str) -> Scope:
        """What the names at the top of a module stand for."""
        if module not in self._scopes:
            source = self.source(module)
            self._scopes[module] = scope = self.imported(source.imports, module)
            scope |= {name: Key(module, name) for name in source.defined}
        return self._scopes[module]

    def imported(self, imports: Iterable[ast.Import | ast.ImportFrom], module: str) -> Scope:
        """What names stand for after those imports in that module."""
        scope: Scope = {}
        for statement in imports:
            if isinstance(statement, ast.Import):
                for alias in statement.names:
                    path = alias.name if alias.asname else alias.name.split(".")[0]
                    scope[alias.asname or path] = self._named(path)
                continue
            origin = statement.module or ""
            if statement.level:
                up = module.split(".")
                up = up[: len(up) - statement.level + (module in self._packages)]
                origin = ".".join([*up, *filter(None, [origin])])
            for alias in statement.names:
                if alias.name == "*" and self._is_ours(origin):
                    raise UnseenError(
                        f"Expected imports by name. Received: all names of {origin} in {module}. "
                        "Name them."
                    )
                scope[alias.asname or alias.name] = Imported(origin, alias.name)
        return scope

    def _is_ours(self, path: str) -> bool:
        return path.split(".", maxsplit=1)[0] in self._tops

    def _named(self, path: str) -> Binding:
        return Module(path) if self._is_ours(path) else External(path)

    def member(self, of: Binding | None, name: str) -> Binding | None:
        """What an attribute of a module stands for; None where it is none of the package's."""
        match of:
            case External(path):
                return External(f"{path}.{name}")
            case Module(module) if self.knows(f"{module}.{name}"):
                return Module(f"{module}.{name}")
            case Module(module) if self.knows(module):
                return self.found(self.scope(module).get(name))
        return None

    def found(self, binding: "Binding | Imported | None") -> Binding | None:
        """What a name stands for, through all modules that pass it on."""
        if not isinstance(binding, Imported):
            return binding
        if binding in self._followed:
            return None
        self._followed.add(binding)
        try:
            return self.member(self._named(binding.module), binding.name)
        finally:
            self._followed.remove(binding)

    def read(self, key: Key) -> Text:
        """What a definition says."""
        if key not in self._read:
            self._read[key] = _Reader(self, key).text
        return self._read[key]

    def _bases(self, key: Key) -> list[Binding | None]:
        """What the bases of a class are; of another definition None, which is no class."""
        (node, *more) = self.source(key.module).defined.get(key.name, [None])
        if more or not isinstance(node, ast.ClassDef):
            return [None]
        return [self.binding(base, key.module) for base in node.bases]

    def binding(self, node: ast.expr, module: str) -> Binding | None:
        """What a name or an attribute stands for at the top of a module."""
        if isinstance(node, ast.Attribute):
            return self.member(self.binding(node.value, module), node.attr)
        return self.found(self.scope(module).get(node.id)) if isinstance(node, ast.Name) else None

    def is_value(self, key: Key) -> bool:
        """Whether a definition is a pydantic class: its fields count one by one."""
        return any(
            base == External("pydantic.BaseModel")
            or (isinstance(base, Key) and self.is_value(base))
            for base in self._bases(key)
        )

    def is_ours(self, key: Key) -> bool:
        """Whether a definition is a class that inherits from no library."""
        return all(isinstance(base, Key) and self.is_ours(base) for base in self._bases(key))

    def members(self, key: Key) -> dict[str, list[ast.stmt]]:
        """The members of a class that count once they are named, by name."""
        if key.member or not ((is_value := self.is_value(key)) or self.is_ours(key)):
            return {}
        found: dict[str, list[ast.stmt]] = {}
        (node,) = self.source(key.module).defined[key.name]
        assert isinstance(node, ast.ClassDef)
        for statement in node.body:
            # The fields of another class count at once: their order says how it is called.
            if (name := member_name(statement)) and (
                is_value or not isinstance(statement, ast.AnnAssign)
            ):
                found.setdefault(name, []).append(statement)
        return found

    def find(self, entry: Entry) -> Key | None:
        """The definition where a run begins, wherever it lies; None where there is no such.

        Raises:
            UnseenError: when there are several.
        """
        # Only where a line begins like this is it worth to parse a module.
        starts = [f"\n{word}{entry.name}" for word in ("", "def ", "async def ", "class ")]
        keys = [
            Key(module, entry.name)
            for module, text in self._texts.items()
            if any(start in f"\n{text}" for start in starts)
            and entry.name in self.source(module).defined
        ]
        if entry.beside:
            keys = [key for key in keys if {*entry.beside} <= {k.name for k in self.read(key).keys}]
        if len(keys) > 1:
            raise UnseenError(
                f"Expected one definition of {entry.name}. Received: those of "
                f"{', '.join(sorted(key.module for key in keys))}. Rename one of them."
            )
        if not keys:
            return next(filter(None, map(self.find, entry.formerly)), None)
        return keys[0]

    def table(self, entry: Entry) -> dict[str, Key]:
        """The definitions that a dictionary at the top of a module names, by their keys."""
        found: dict[str, Key] = {}
        key = self.find(entry)
        for node in self.source(key.module).defined[key.name] if key else ():
            for inner in ast.walk(node):
                if isinstance(inner, ast.Dict):
                    for at, value in zip(inner.keys, inner.values, strict=True):
                        to = self.binding(value, key.module) if key else None
                        if isinstance(at, ast.Constant) and isinstance(to, Key):
                            found[str(at.value)] = to
        return found

    def everything(self, module: str) -> list[Key]:
        """All definitions and statements of a module."""
        return [Key(module, name) for name in self.source(module).defined]

    def reached(self, entries: Iterable[Key]) -> set[Key]:
        """The definitions that these lead to, themselves among them."""
        found: set[Key] = set()
        words: set[str] = set()
        waiting: set[Key] = set()
        todo = list(entries)
        while todo:
            key = todo.pop()
            if key not in found:
                found.add(key)
                text = self.read(key)
                todo += text.keys
                words |= text.words
                waiting |= {key._replace(member=name) for name in self.members(key)}
                if STATEMENTS in self.source(key.module).defined:
                    todo.append(Key(key.module, STATEMENTS))
            if not todo:
                todo = [member for member in waiting if member.member in words]
                waiting.difference_update(todo)
        return found

    def digest(self, entries: Iterable[Key], without: str = "") -> str:
        """The SHA-256 of the sorted set of what the reached definitions say.

        Args:
            entries: where to begin.
            without: a module whose own definitions do not count.
        """
        found = {key for key in self.reached(entries) if key.module != without}
        places: dict[str, set[tuple[str, str]]] = {}
        for key in found:
            places.setdefault(key.name, set()).add(key[:2])
        # Two definitions of one name are told apart by what they say, not by where they lie.
        shown = {
            place: name if len(all_of_it) == 1 else f"{name} {self._plain(Key(*place))}"
            for name, all_of_it in places.items()
            for place in all_of_it
        }
        each = {_sha256(self._rendered(key, shown)) for key in found}
        return _sha256("".join(sorted(each)))

    def _plain(self, key: Key) -> str:
        return _sha256(self._rendered(key, {}))

    def _rendered(self, key: Key, shown: Mapping[tuple[str, str], str]) -> str:
        def name(match: re.Match[str]) -> str:
            return shown.get((match[1], match[2]), match[2])

        return _MARK.sub(name, self.read(key).shown)


# How a text names another definition: no syntax tree holds these characters.
_MARK = re.compile("\x00([^\x00]*)\x01([^\x00]*)\x00")


class _Reader:
    """Reads one definition: writes its text down and collects what it names."""

    def __init__(self, package: Package, key: Key) -> None:
        self.package, self.key, self.text = package, key, Text()
        # What names stand for in functions, innermost last. Those that a class body binds are left
        # out: until it has bound them they stand for what they do outside.
        self.scopes: list[Scope] = []
        source = package.source(key.module)
        nodes: list[ast.stmt] = source.defined[key.name]
        if key.member:
            nodes = package.members(key._replace(member=""))[key.member]
        elif any("__file__" in names_in(n) for n in nodes if isinstance(n, ast.Assign)):
            # Where a file lies is no part of what it does.
            nodes = []
        prefix = f"{key.name}." if key.member else ""
        self.text.shown = prefix + "".join(self.dump(node) for node in nodes)

    def look_up(self, name: str) -> Binding | None:
        """What a name stands for here."""
        for scope in reversed(self.scopes):
            if name in scope:
                return self.package.found(scope[name])
        return self.package.found(self.package.scope(self.key.module).get(name))

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
            return self.package.member(self._binding(node.value), node.attr)
        return self.look_up(node.id) if isinstance(node, ast.Name) else None

    def _name(self, node: ast.Name | ast.Attribute) -> str:
        found = self._binding(node)
        if isinstance(found, Key):
            if found.name not in self.package.registries:
                self.text.keys.add(found)
            return f"Name(\0{found.module}\1{found.name}\0)"
        if isinstance(found, External):
            return f"Name({found.path})"
        if isinstance(found, Module):
            return "Name(module)"
        if isinstance(node, ast.Attribute):
            self.text.words.add(node.attr)
        return self._fields(node)

    def _string(self, value: str) -> str:
        if self.package.knows(value) and "." in value:
            # `python -m package.module`: what runs then, wherever the module lies.
            if MAIN in self.package.source(value).defined:
                self.text.keys.add(Key(value, MAIN))
            return "Constant(module)"
        if value.isidentifier():
            self.text.words.add(value)
        return f"Constant({value!r})"

    def _import(self, node: ast.Import | ast.ImportFrom) -> str:
        names = self.package.imported([node], self.key.module)
        found = map(self.package.found, names.values())
        outside = sorted(to.path for to in found if isinstance(to, External))
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
        scope |= self.package.imported(imports, self.key.module)
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
            apart = [s for found in self.package.members(self.key).values() for s in found]
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


_SPECIAL: dict[type[ast.AST], Callable[[_Reader, Any], str]] = {
    ast.Name: _Reader._name,
    ast.Attribute: _Reader._name,
    ast.Constant: _Reader._constant,
    ast.Import: _Reader._import,
    ast.ImportFrom: _Reader._import,
    ast.FunctionDef: _Reader._function,
    ast.AsyncFunctionDef: _Reader._function,
    ast.Lambda: _Reader._function,
    ast.ClassDef: _Reader._class,
    ast.ListComp: _Reader._comprehension,
    ast.SetComp: _Reader._comprehension,
    ast.DictComp: _Reader._comprehension,
    ast.GeneratorExp: _Reader._comprehension,
    ast.Call: _Reader._call,
    ast.keyword: _Reader._keyword,
    ast.MatchClass: _Reader._pattern,
}


def _dotted(path: str) -> str:
    return ".".join(Path(path).with_suffix("").parts).removesuffix(".__init__")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
