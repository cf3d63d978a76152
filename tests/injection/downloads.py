"""The published data as the two programs that check them read them, a file of them damaged."""

import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType

from bnreport.errors import DataError
from docs.downloads import metrics, verify
from tests.injection.damage import Random
from tests.injection.targets import Change, Said, Target
from tests.verifiers import published

PROGRAMS: dict[str, ModuleType] = {"verify.py": verify, "metrics.py": metrics}
# Between them: pairs and settings, identities, fits and what was printed, marks of single images.
STUDIES = ("memorization", "identities", "notebook", "alternatives")
# What a line may hold: the longest that is said, and what shows that it was cut.
LONGEST = 320


def downloads(studies: tuple[str, ...] = STUDIES) -> Iterator[Target]:
    """Every file of the data of some studies, for each program, under its sum and under another."""
    for study in studies:
        texts = published.of_study(study)
        with tempfile.TemporaryDirectory() as folder:
            sums = published.write(Path(folder), texts) / "data" / published.SUMS
            texts |= {published.SUMS: sums.read_text(encoding="utf-8")}
        for program in PROGRAMS:
            for name in texts:
                yield _target(program, texts, name, sealed=False)
                if name != published.SUMS:
                    yield _target(program, texts, name, sealed=True)


def _target(program: str, texts: dict[str, str], name: str, *, sealed: bool) -> Target:
    content = texts[name].encode()

    def publish(file: Path) -> Said:
        with tempfile.TemporaryDirectory() as folder:
            data = published.write(Path(folder), texts) / "data"
            (data / published.SUMS).write_text(texts[published.SUMS], encoding="utf-8")
            (data / name).write_bytes(file.read_bytes())
            if sealed:
                published.seal(Path(folder))
            status, said = _run(program, Path(folder))
        if status:
            raise DataError(f"{name}: {said}" if sealed else said)
        # A sum sees every byte, but that of its own file.
        seen = b"" if sealed or name == published.SUMS else file.read_bytes()
        return Said(seen, loose=(file.read_bytes(), said))

    kind = f"data for {program}{', sums written anew' if sealed else ''}"
    forge = _forged if sealed and name == "claims.json" else None
    return Target(kind, name, content, publish, forge=forge)


def _forged(content: bytes, change: Change, random: Random) -> bytes:
    return json.dumps(change(json.loads(content), random)).encode()


def _run(program: str, site: Path) -> tuple[int, str]:
    """What a program ends with and says, which must be lines that a terminal shows."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status: int = PROGRAMS[program].main([str(site)])
    *lines, last = out.getvalue().split("\n")[:-1]
    if err.getvalue() or not all(line.isprintable() and len(line) <= LONGEST for line in lines):
        raise AssertionError(f"No line for a reader: {err.getvalue() or lines}")
    if f"Differences: {len(lines)}." not in last or status != bool(lines):
        raise AssertionError(f"{len(lines)} lines, status {status}: {last}")
    return status, out.getvalue()
