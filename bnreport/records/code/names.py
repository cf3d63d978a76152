"""Find what the names of a package stand for: a definition, a module, or something outside."""

import ast
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Self

from bnreport.records.code.source import (
    Answers,
    Binding,
    External,
    Imported,
    Key,
    Module,
    Scope,
    Source,
    UnseenError,
    first_names,
    member_name,
)


class Names:
    """The modules of a package, parsed as names lead to them, and what the names stand for."""

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
        self._followed: set[Imported] = set()
        self.answers = Answers(frozenset(name.split(".")[0] for name in self._texts))

    @classmethod
    def at(cls, root: Path, package: str, registries: Collection[str] = ()) -> Self:
        """The package of that name in a folder."""
        files = sorted((root / package).rglob("*.py"))
        return cls(
            {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in files},
            registries,
        )

    def agrees(self, answers: Answers) -> bool:
        """Say whether all that was asked of another package has the same answers here."""
        return (
            self.answers.tops == answers.tops
            and all(self._file(module) == answer for module, answer in answers.modules.items())
            and all(self._starting(name) == answer for name, answer in answers.starts.items())
        )

    def _file(self, module: str) -> tuple[str | None, bool]:
        return self._texts.get(module), module in self._packages

    def _starting(self, name: str) -> tuple[str, ...]:
        return tuple(m for m, text in self._texts.items() if name in first_names(text))

    def starting(self, name: str) -> tuple[str, ...]:
        """The modules in which a line begins with a name: only they can define it."""
        self.answers.starts[name] = modules = self._starting(name)
        return modules

    def knows(self, module: str) -> bool:
        """Say whether there is such a module."""
        self.answers.modules[module] = self._file(module)
        return module in self._texts

    def source(self, module: str) -> Source:
        """A module, parsed."""
        if module not in self._sources:
            self.answers.modules[module] = self._file(module)
            self._sources[module] = Source(module, self._texts[module], module in self._packages)
        return self._sources[module]

    def scope(self, module: str) -> Scope:
        """The names at the top of a module with what they stand for."""
        if module not in self._scopes:
            source = self.source(module)
            self._scopes[module] = scope = self.imported(source.imports, module)
            scope |= {name: Key(module, name) for name in source.defined}
        return self._scopes[module]

    def imported(self, imports: Iterable[ast.Import | ast.ImportFrom], module: str) -> Scope:
        """The names that those imports bind in that module, with what they stand for."""
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
        return path.split(".", maxsplit=1)[0] in self.answers.tops

    def _named(self, path: str) -> Binding:
        return Module(path) if self._is_ours(path) else External(path)

    def member(self, owner: Binding | None, name: str) -> Binding | None:
        """Follow an attribute of a module; None where it is none of the package's."""
        match owner:
            case External(path):
                return External(f"{path}.{name}")
            case Module(module) if self.knows(f"{module}.{name}"):
                return Module(f"{module}.{name}")
            case Module(module) if self.knows(module):
                return self.follow(self.scope(module).get(name))
        return None

    def follow(self, binding: "Binding | Imported | None") -> Binding | None:
        """Follow a name through all modules that pass it on."""
        if not isinstance(binding, Imported):
            return binding
        if binding in self._followed:
            return None
        self._followed.add(binding)
        try:
            return self.member(self._named(binding.module), binding.name)
        finally:
            self._followed.remove(binding)

    def _bases(self, key: Key) -> list[Binding | None]:
        """The bases of a class as what they stand for; None for another definition."""
        (node, *more) = self.source(key.module).defined.get(key.name, [None])
        if more or not isinstance(node, ast.ClassDef):
            return [None]
        return [self.binding(base, key.module) for base in node.bases]

    def binding(self, node: ast.expr, module: str) -> Binding | None:
        """Follow a name or an attribute at the top of a module."""
        if isinstance(node, ast.Attribute):
            return self.member(self.binding(node.value, module), node.attr)
        return self.follow(self.scope(module).get(node.id)) if isinstance(node, ast.Name) else None

    def is_value(self, key: Key) -> bool:
        """Say whether a definition is a pydantic class: its fields count one by one."""
        return any(
            base == External("pydantic.BaseModel")
            or (isinstance(base, Key) and self.is_value(base))
            for base in self._bases(key)
        )

    def is_ours(self, key: Key) -> bool:
        """Say whether a definition is a class that inherits from no library."""
        return all(isinstance(base, Key) and self.is_ours(base) for base in self._bases(key))

    def members(self, key: Key) -> dict[str, list[ast.stmt]]:
        """The members of a class that count once they are named, by name."""
        if key.member or not ((is_value := self.is_value(key)) or self.is_ours(key)):
            return {}
        members: dict[str, list[ast.stmt]] = {}
        (node,) = self.source(key.module).defined[key.name]
        assert isinstance(node, ast.ClassDef)
        for statement in node.body:
            # The fields of another class count at once: their order says how it is called.
            if (name := member_name(statement)) and (
                is_value or not isinstance(statement, ast.AnnAssign)
            ):
                members.setdefault(name, []).append(statement)
        return members


def _dotted(path: str) -> str:
    return ".".join(Path(path).with_suffix("").parts).removesuffix(".__init__")
