"""What the committed records lead to, rendered once for all tests, beside what was accepted.

`python -m tests.golden` accepts what the records lead to now: see `scripts/accept`.
"""

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from bnreport.agreement import read_verified
from bnreport.errors import BnreportError
from bnreport.exports import claims_json
from bnreport.layout import Layout
from bnreport.records import read
from bnreport.report import Report, StudyReport, report_study
from bnreport.studies import all_studies
from bnreport.study import Study
from tests.synthetic import ROOT, code

Claims: TypeAlias = Sequence[Mapping[str, Any]]

LAYOUT = Layout(ROOT)
CLAIMS = ROOT / "tests" / "claims.json"
# Numbers may differ by so much of themselves; p values, which can be tiny, by so much in all.
RELATIVE = 1e-6
ABSOLUTE = {"p": 1e-9, "p_value": 1e-9}


def recorded() -> dict[str, Study]:
    """The studies that have full records, by name."""
    return {
        name: study
        for name, study in all_studies().items()
        if LAYOUT.committed(name, "full").exists()
    }


@lru_cache(maxsize=32)
def study_report(name: str) -> StudyReport:
    """What the committed full records of a study say, as a build reads them."""
    replicas = {
        machine: read(path, lambda _: None) for machine, path in LAYOUT.replicas(name).items()
    }
    return report_study(
        all_studies()[name],
        read(LAYOUT.committed(name, "full"), lambda _: None),
        "full",
        read_verified(LAYOUT.verified(name)),
        code(),
        replicas,
    )


@lru_cache(maxsize=1)
def report() -> Report:
    """What all committed full records say."""
    studies = {name: study_report(name) for name in recorded()}
    waiting = {study.page for name, study in all_studies().items() if name not in studies}
    return Report("full", studies, None, frozenset(waiting))


def by_id(text: str) -> dict[str, Mapping[str, Any]]:
    """The claims of a `claims.json` by id."""
    found: Claims = json.loads(text)
    return {claim["id"]: claim for claim in found}


def differences(accepted: str, found: str) -> list[str]:
    """Where two texts of `claims.json` differ, one line each: words exactly, numbers nearly."""
    old, new = by_id(accepted), by_id(found)
    lines = [f"{name}: is missing" for name in old if name not in new]
    lines += [f"{name}: is not among the accepted claims" for name in new if name not in old]
    for name in old:
        if name in new:
            lines += [f"{name}: {line}" for line in _differences(old[name], new[name])]
    return lines


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], where: str = "") -> Iterator[str]:
    for key in dict.fromkeys([*old, *new]):
        path = f"{where}{key}"
        if key not in old or key not in new:
            yield f"{path} is {'missing' if key in old else 'new'}"
        elif key == "settings":
            yield from _in_settings(old[key], new[key])
        elif not _same(key, old[key], new[key]):
            yield f"{path} was {json.dumps(old[key])}, is {json.dumps(new[key])}"


def _in_settings(old: Claims, new: Claims) -> Iterator[str]:
    before, after = ({setting["setting"]: setting for setting in found} for found in (old, new))
    if list(before) != list(after):
        yield f"settings were {list(before)}, are {list(after)}"
        return
    for name in before:
        yield from _differences(before[name], after[name], f"settings[{name}].")


def _same(key: str, old: object, new: object) -> bool:
    numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for x in (old, new))
    if not numbers:
        return old == new
    assert isinstance(old, int | float)
    assert isinstance(new, int | float)
    return math.isclose(old, new, rel_tol=RELATIVE, abs_tol=ABSOLUTE.get(key, 0.0))


def changed_words(accepted: str, found: str) -> list[str]:
    """The claims whose verdict changes, one line each."""
    old, new = by_id(accepted), by_id(found)
    return [
        f"{name}: {_word(old.get(name))} -> {_word(new.get(name))}"
        for name in dict.fromkeys([*old, *new])
        if _word(old.get(name)) != _word(new.get(name))
    ]


def _word(claim: Mapping[str, Any] | None) -> str:
    if claim is None:
        return "none"
    word: str = claim["verdict"]
    return f"{word} (reversed)" if claim["reversed"] else word


def refuse_changed_records(root: Path) -> None:
    """Refuse a checkout whose `results/` is not what its last commit holds.

    Raises:
        BnreportError: when records were changed, added or deleted, or git cannot say.
    """
    words = ["git", "-C", str(root), "status", "--porcelain", "--untracked-files=all"]
    try:
        done = subprocess.run([*words, "--", "results"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise BnreportError(
            f"Expected a git checkout in {root}, so that its results/ can be compared with the "
            f"last commit. Received: {error}. Do work in a clone of the repository."
        ) from error
    if changed := done.stdout.splitlines():
        listed = "\n".join(f"  {line}" for line in changed)
        raise BnreportError(
            f"Expected results/ as in the last commit. Received: {len(changed)} changed, added or "
            f"deleted.\n{listed}\nDo commit the records or restore them, then accept what follows "
            "from them."
        )


def write_all(files: Mapping[Path, str]) -> None:
    """Write all of the files or none of them."""
    before = {path: path.read_bytes() if path.exists() else None for path in files}
    partial = {path: path.with_name(path.name + ".partial") for path in files}
    try:
        for path, text in files.items():
            partial[path].write_text(text, encoding="utf-8", newline="\n")
        try:
            for path in files:
                os.replace(partial[path], path)
        except OSError:
            for path, content in before.items():
                if content is None:
                    path.unlink(missing_ok=True)
                else:
                    path.write_bytes(content)
            raise
    finally:
        for path in partial.values():
            path.unlink(missing_ok=True)


def accept(root: Path, files: Mapping[Path, str]) -> list[str]:
    """Accept these texts as the golden files; what changes, one line each.

    Args:
        root: the checkout, whose `results/` must be as committed.
        files: the new text of each golden file.

    Raises:
        BnreportError: when `results/` is changed; then nothing is written.
    """
    refuse_changed_records(root)
    told = []
    for path, text in files.items():
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        told += _told_of_claims(old or "[]", text)
    write_all(files)
    return told


def _told_of_claims(old: str, new: str) -> list[str]:
    words = changed_words(old, new)
    before, after = by_id(old), by_id(new)
    others = sum(
        not line.startswith(("verdict ", "reversed "))
        for name in before.keys() & after.keys()
        for line in _differences(before[name], after[name])
    )
    return [
        f"words that change: {len(words)}",
        *(f"  {line}" for line in words),
        f"other entries of claims that change: {others}",
    ]


def main() -> None:
    """Accept what the committed records lead to."""
    try:
        refuse_changed_records(ROOT)
        told = accept(ROOT, {CLAIMS: claims_json(report())})
    except BnreportError as error:
        sys.exit(str(error))
    sys.stdout.write("\n".join(told) + "\n")


if __name__ == "__main__":
    main()
