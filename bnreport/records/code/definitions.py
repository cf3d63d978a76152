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
from collections.abc import Collection, Iterable, Mapping

from bnreport.records.code.names import Names
from bnreport.records.code.reader import MARK, Reader
from bnreport.records.code.source import (
    STATEMENTS,
    Entry,
    Key,
    Text,
    UnseenError,
)


class Package(Names):
    """A package: what its definitions say, and which of them an entry leads to."""

    def __init__(self, sources: Mapping[str, str], registries: Collection[str] = ()) -> None:
        """Take the sources.

        Args:
            sources: the text of each file by its path, such as "package/module.py".
            registries: names of constants that code looks things up in; they are not followed.
        """
        super().__init__(sources, registries)
        self._read: dict[Key, Text] = {}

    def read(self, key: Key) -> Text:
        """Read what a definition says."""
        if key not in self._read:
            self._read[key] = Reader(self, key).text
        return self._read[key]

    def find(self, entry: Entry) -> Key | None:
        """The definition where a run begins, wherever it lies; None where there is no such.

        Raises:
            UnseenError: when there are several.
        """
        keys = [
            Key(module, entry.name)
            for module in self.starting(entry.name)
            if entry.name in self.source(module).defined
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
        keys: dict[str, Key] = {}
        key = self.find(entry)
        for node in self.source(key.module).defined[key.name] if key else ():
            for inner in ast.walk(node):
                if isinstance(inner, ast.Dict):
                    for at, value in zip(inner.keys, inner.values, strict=True):
                        to = self.binding(value, key.module) if key else None
                        if isinstance(at, ast.Constant) and isinstance(to, Key):
                            keys[str(at.value)] = to
        return keys

    def everything(self, module: str) -> list[Key]:
        """All definitions and statements of a module."""
        return [Key(module, name) for name in self.source(module).defined]

    def reached(self, entries: Iterable[Key]) -> set[Key]:
        """The definitions that these lead to, themselves among them."""
        reached: set[Key] = set()
        words: set[str] = set()
        waiting: set[Key] = set()
        todo = list(entries)
        while todo:
            key = todo.pop()
            if key not in reached:
                reached.add(key)
                text = self.read(key)
                todo += text.keys
                words |= text.words
                waiting |= {key._replace(member=name) for name in self.members(key)}
                if STATEMENTS in self.source(key.module).defined:
                    todo.append(Key(key.module, STATEMENTS))
            if not todo:
                todo = [member for member in waiting if member.member in words]
                waiting.difference_update(todo)
        return reached

    def digest(self, entries: Iterable[Key], without: str = "") -> str:
        """The SHA-256 of the sorted set of what the reached definitions say.

        Args:
            entries: where to begin.
            without: a module whose own definitions do not count.
        """
        reached = {key for key in self.reached(entries) if key.module != without}
        places: dict[str, set[tuple[str, str]]] = {}
        for key in reached:
            places.setdefault(key.name, set()).add(key[:2])
        # Two definitions of one name are told apart by what they say, not by where they lie.
        shown = {
            place: name if len(all_of_it) == 1 else f"{name} {self._plain(Key(*place))}"
            for name, all_of_it in places.items()
            for place in all_of_it
        }
        each = {_sha256(self._rendered(key, shown)) for key in reached}
        return _sha256("".join(sorted(each)))

    def _plain(self, key: Key) -> str:
        return _sha256(self._rendered(key, {}))

    def _rendered(self, key: Key, shown: Mapping[tuple[str, str], str]) -> str:
        def name(match: re.Match[str]) -> str:
            return shown.get((match[1], match[2]), match[2])

        return MARK.sub(name, self.read(key).shown)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
