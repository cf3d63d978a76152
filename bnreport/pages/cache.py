"""Keep what builds made, on this machine, by what it was made from.

An entry is a file that begins with the digest of the rest. A damaged one, or half of one, counts as
none and is replaced. Whoever can write here could as well change the code beside it.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Seconds in 30 days.
UNUSED = 30 * 24 * 3600.0


def key_of(*parts: str | bytes) -> str:
    """The SHA-256 of parts, each with its length."""
    total = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        total.update(b"%d:%b" % (len(content), content))
    return total.hexdigest()


@dataclass(frozen=True)
class Cache:
    """Entries by kind and key; without a folder it keeps nothing."""

    folder: Path | None = None

    def text(self, kind: str, key: str, make: Callable[[], str]) -> str:
        """The text of that key, made where there is none."""
        return self.content(kind, key, lambda: make().encode()).decode()

    def content(self, kind: str, key: str, make: Callable[[], bytes]) -> bytes:
        """The entry of that key, made where there is none."""
        kept = self.read(kind, key)
        if kept is None:
            kept = make()
            self.write(kind, key, kept)
        return kept

    def read(self, kind: str, key: str) -> bytes | None:
        """The entry of that key; None where there is none, or it is damaged."""
        if self.folder is None:
            return None
        path = self.folder / kind / key
        try:
            digest, _, content = path.read_bytes().partition(b"\n")
            os.utime(path)
        except OSError:
            return None
        return content if digest == hashlib.sha256(content).hexdigest().encode() else None

    def write(self, kind: str, key: str, content: bytes) -> None:
        """Keep an entry; where it cannot be written, the next build makes it again."""
        if self.folder is None:
            return
        folder = self.folder / kind
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder, suffix=".partial", delete=False) as file:
                file.write(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
            os.replace(file.name, folder / key)

    def prune(self, unused: float = UNUSED) -> None:
        """Remove what no build has asked for in so many seconds."""
        if self.folder is None:
            return
        oldest = time.time() - unused
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
