"""The files that may be damaged, and what the site would say by what each of them says."""

import gzip
import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import lxml.html
import nbformat
import numpy as np

from bnreport.analysis.report import StudyReport, report_study
from bnreport.analysis.study import Study
from bnreport.errors import BnreportError
from bnreport.pages.cache import Cache, key_of
from bnreport.pages.library.citation import read_citation
from bnreport.pages.library.view import Library, LibraryView
from bnreport.pages.site_times import read_site_times
from bnreport.pages.staging import Staging
from bnreport.protocol.trials import Identity
from bnreport.records import checksums, preregistration, reimplementation
from bnreport.records.agreement import freshness
from bnreport.records.archive import Archive
from bnreport.records.code.ancestry import Ancestry, read_commits, read_links
from bnreport.records.layout import Layout
from bnreport.records.notebook import Execution, outputs_digest, source_digest
from bnreport.records.record import Record
from bnreport.records.store import read
from bnreport.running.verification import answers, believed
from bnreport.site.checks import active
from bnreport.site.checks import notebook as notebook_check
from bnreport.studies import all_studies
from bnreport.training import images, own_arrays
from tests.images import idx, sha
from tests.injection.damage import Random
from tests.synthetic import DOCS, ROOT

# Changes a value of JSON.
Change: TypeAlias = Callable[[Any, Random], Any]
LAYOUT = Layout(ROOT)
# Its functions have no types.
NBFORMAT: Any = nbformat


@dataclass(frozen=True)
class Said:
    """What a site says by a file: what a digest vouches for, and what its readers alone can."""

    sealed: object = None
    loose: object = None


@dataclass(frozen=True)
class Target:
    """A file that may be damaged.

    Attributes:
        kind: what it holds, for the count.
        name: its name below the folder in which it is tried.
        content: its bytes as committed.
        publish: what the site would say by such a file.
        lined: each line stands for itself, so that an error must name the line.
        forge: changes what it says, and writes each digest in it anew.
    """

    kind: str
    name: str
    content: bytes
    publish: Callable[[Path], "Said"]
    lined: bool = False
    forge: Callable[[bytes, Change, Random], bytes] | None = None


def quiet(_: str) -> None:
    """Say nothing."""


@lru_cache(maxsize=1)
def archive() -> Archive:
    """The committed records."""
    return Archive(LAYOUT, quiet)


@lru_cache(maxsize=1)
def editions() -> dict[str, Study]:
    """Every edition with records, by name, the smallest file first."""
    each = [edition for study in all_studies().values() for edition in study.by_edition()]
    sizes = {
        edition.edition.name: path.stat().st_size
        for edition in each
        if (path := LAYOUT.committed(edition.edition.name, "full")).exists()
    }
    known = {edition.edition.name: edition for edition in each}
    return {name: known[name] for name in sorted(sizes, key=lambda name: (sizes[name], name))}


def _judged(study: Study, records: Mapping[str, Record], file: Path, verified: Path) -> str:
    """What a build says of a study by these records and this verification of theirs."""
    name, found = study.edition.name, archive()
    report = report_study(
        study,
        records,
        "full",
        believed(verified, file, study, records),
        found.code,
        found.replicas(name),
        found.reimplementations(name),
        found.pilots(name).values(),
    )
    unchecked = [*preregistration.check(found.claims, name, records.values(), file)]
    return _fingerprint(report, unchecked)


def _fingerprint(report: StudyReport, unchecked: Iterable[str]) -> str:
    """A digest of verdicts, numbers, tables and figures."""
    with np.printoptions(threshold=10**9, floatmode="unique"):
        said = repr((report.standing, *unchecked, report.verdicts, report.analysis))
    return hashlib.sha256(said.encode()).hexdigest()


def _known(study: Study) -> Mapping[str, Record]:
    return archive().records(study.edition.name, "full")


@lru_cache(maxsize=64)
def _truth(name: str) -> str:
    """What the build says of the committed records."""
    study = editions()[name]
    return _judged(study, _known(study), LAYOUT.committed(name, "full"), LAYOUT.verified(name))


def records(name: str) -> Target:
    """The records of an edition; those who forge them write the verification anew, too."""
    study = editions()[name]
    path, verified = LAYOUT.committed(name, "full"), LAYOUT.verified(name)

    def publish(file: Path) -> Said:
        found = read(file, quiet)
        if answers(study.identities("full"), found) == _known(study):
            return Said(_truth(name))
        beside = file.with_name(verified.name)
        if verified.exists():
            content = json.loads(verified.read_text(encoding="utf-8"))
            content["records"] = checksums.file_digest(file)
            beside.write_text(json.dumps(content), encoding="utf-8")
        return Said((_judged(study, found, file, beside), "by other records"))

    return Target("records", path.name, path.read_bytes(), publish, True, _forge_line)


def _forge_line(content: bytes, change: Change, random: Random) -> bytes:
    lines = content.decode().splitlines()
    at = int(random.integers(len(lines)))
    lines[at] = sealed_anew(change(json.loads(lines[at]), random))
    return "\n".join([*lines, ""]).encode()


def sealed_anew(content: Any) -> str:
    """A line of JSON under the run id and the digest of what it now says, if it says so much."""
    if not isinstance(content, dict):
        return json.dumps(content)
    content.pop("digest", None)
    with suppress(ValueError, KeyError, TypeError, BnreportError):
        content["id"] = Identity.model_validate(content["identity"]).run_id
    said = json.dumps(content, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(said.encode()).hexdigest()
    return json.dumps(content | {"digest": digest}, sort_keys=True, separators=(",", ":"))


def results_swapped(content: bytes, random: Random) -> bytes:
    """Two runs have changed what came out of them, under new digests."""
    lines = content.decode().splitlines()
    if len(lines) < 2:
        return content
    first, second = random.choice(len(lines), 2, replace=False)
    one, other = json.loads(lines[first]), json.loads(lines[second])
    for key in ("history", "scores", "checks", "early_loss", "diverged"):
        one[key], other[key] = other.get(key), one.get(key)
    lines[first], lines[second] = sealed_anew(one), sealed_anew(other)
    return "\n".join([*lines, ""]).encode()


def verification(name: str) -> Target:
    """The verification of an edition; no digest but that in SHA256SUMS is of it."""
    study, path = editions()[name], LAYOUT.verified(name)

    def publish(file: Path) -> Said:
        return Said(
            loose=_judged(study, _known(study), LAYOUT.committed(name, "full"), file),
        )

    return Target("verifications", path.name, path.read_bytes(), publish, forge=_forge_json)


def _forge_json(content: bytes, change: Change, random: Random) -> bytes:
    return (json.dumps(change(json.loads(content), random), indent=1) + "\n").encode()


def _table_of_code() -> Target:
    def publish(file: Path) -> Said:
        code = archive().code
        return Said(loose=_standings(Ancestry(code.today, read_commits(file), code.links)))

    return Target(
        "tables of digests", "code.json", LAYOUT.code.read_bytes(), publish, forge=_forge_json
    )


def _links() -> Target:
    def publish(file: Path) -> Said:
        code = archive().code
        return Said(loose=_standings(Ancestry(code.today, code.commits, read_links(file))))

    return Target("tables of digests", "links.toml", LAYOUT.links.read_bytes(), publish)


def _standings(code: Ancestry) -> dict[str, str]:
    """How the records of a few editions stand, of which each kind of standing is one."""
    return {
        name: freshness(_known(study), 0, believed(*_paths(name), study, _known(study)), code)
        for name, study in list(editions().items())[:8]
    }


def _paths(name: str) -> tuple[Path, Path]:
    return LAYOUT.verified(name), LAYOUT.committed(name, "full")


def _table_of_claims() -> Target:
    def publish(file: Path) -> Said:
        table = preregistration.read_table(file)
        return Said(
            loose={
                name: [*preregistration.check(table, name, _known(study).values(), file)]
                for name, study in editions().items()
            }
        )

    content = LAYOUT.preregistration.read_bytes()
    return Target("tables of digests", "preregistration.json", content, publish, forge=_forge_json)


def _sums() -> Target:
    names = [*list(editions())[:3]]
    lines = checksums.listed(LAYOUT.results)
    files = [f"{name}.jsonl" for name in names]
    content = "".join(f"{lines[name]}  {name}\n" for name in files).encode()

    def publish(file: Path) -> Said:
        for name in files:
            if not (file.parent / name).exists():
                shutil.copy(LAYOUT.results / name, file.parent)
        checksums.check(file.parent)
        return Said()

    return Target("SHA256SUMS", checksums.NAME, content, publish, lined=True)


def _reimplementation() -> Target:
    (path,) = LAYOUT.reimplementations("lag").values()

    def forge(content: bytes, change: Change, random: Random) -> bytes:
        value = json.loads(content)
        value.pop("digest")
        value = change(value, random)
        text = json.dumps(value, sort_keys=True, separators=(",", ":"))
        return json.dumps(value | {"digest": hashlib.sha256(text.encode()).hexdigest()}).encode()

    return Target(
        "findings of others",
        path.name,
        path.read_bytes(),
        lambda file: Said(reimplementation.read(file)),
        forge=forge,
    )


def _times() -> Target:
    return Target(
        "times of the site",
        "site.json",
        (LAYOUT.results / "site.json").read_bytes(),
        lambda file: Said(loose=read_site_times(file.parent)),
        forge=_forge_json,
    )


def _labels() -> Target:
    array = np.random.default_rng(14).integers(0, 10, 200, np.uint8)
    content = gzip.compress(idx(array), mtime=0)

    def publish(file: Path) -> Said:
        return Said(images.parse(images.verified(file, sha(content)), array.shape, file).tobytes())

    return Target("data files", "labels.gz", content, publish)


def _pixels() -> Target:
    """A data file behind its digest: what the parser makes of it."""
    array = np.random.default_rng(15).integers(0, 256, (20, 7, 7), np.uint8)
    content = gzip.compress(idx(array), mtime=0)

    def publish(file: Path) -> Said:
        return Said(loose=images.parse(file.read_bytes(), array.shape, file).tobytes())

    return Target("data files, without their digest", "pixels.gz", content, publish)


def _arrays() -> Target:
    random, held = np.random.default_rng(16), io.BytesIO()
    np.savez(held, x=random.normal(size=(600, 3)), y=random.integers(0, 3, 600))

    def publish(file: Path) -> Said:
        own = own_arrays.read(file)
        numbers = own.data.x_train.tobytes(), own.data.y_train.tobytes()
        return Said(loose=(own.classes, own.shape, *numbers))

    return Target("readers' arrays", "own.npz", held.getvalue(), publish)


def _rendered(folder: Path, ask: Callable[[LibraryView], str]) -> Said:
    """What a page shows; it may not run or lead away."""
    shown = ask(LibraryView("learn/limits.md", Staging(), Library(folder)))
    tree = lxml.html.document_fromstring(f"<html><body>{shown}</body></html>")
    if found := [*active.dangers(tree)]:
        raise AssertionError(f"A page that runs or leads away: {found}")
    return Said(loose=shown)


def _of_library(kind: str, name: str, ask: Callable[[LibraryView], str]) -> Target:
    content = (DOCS / name).read_bytes()
    return Target(kind, name, content, lambda file: _rendered(file.parent, ask))


def _citation() -> Target:
    def publish(file: Path) -> Said:
        citation = read_citation(file.parent)
        return Said(loose=(citation.sentence, citation.bibtex))

    return Target("citation", "CITATION.cff", (ROOT / "CITATION.cff").read_bytes(), publish)


def _notebook() -> Target:
    def publish(file: Path) -> Said:
        notebook_check.check(file, archive().code)
        notebook = NBFORMAT.read(file, as_version=4)
        execution = Execution.model_validate(notebook.metadata["bnreport"])
        return Said(
            (source_digest(notebook), outputs_digest(notebook, execution)),
            # Comments of code cells, and what is not shown.
            notebook,
        )

    def forge(content: bytes, change: Change, random: Random) -> bytes:
        value = change(json.loads(content), random)
        text = json.dumps(value)
        try:
            notebook = NBFORMAT.reads(text, as_version=4)
            execution = Execution.model_validate(notebook.metadata.get("bnreport"))
            value["metadata"]["bnreport"]["outputs"] = outputs_digest(notebook, execution)
        except Exception:  # noqa: BLE001 - what is no notebook any more has no outputs either
            return text.encode()
        return json.dumps(value).encode()

    content = LAYOUT.notebook.read_bytes()
    return Target("notebooks", "notebook.ipynb", content, publish, forge=forge)


def _kept() -> Target:
    key, entry = key_of("a page"), b"<p>what a build made before</p>\n" * 9
    content = hashlib.sha256(entry).hexdigest().encode() + b"\n" + entry

    def publish(file: Path) -> Said:
        # What is damaged is made again.
        return Said(Cache(file.parents[1]).content("pages", key, lambda: entry))

    return Target("kept entries", f"pages/{key}", content, publish)


def others() -> Iterator[Target]:
    """Every file but records and verifications."""
    yield from (_table_of_code(), _table_of_claims(), _links(), _sums(), _reimplementation())
    yield from (_times(), _labels(), _pixels(), _arrays(), _notebook(), _kept(), _citation())
    yield _of_library("glossaries", "glossary.toml", lambda view: view.glossary())
    yield _of_library("errata", "errata.toml", lambda view: view.errata())
    yield _of_library("bibliographies", "references.bib", lambda view: view.references())
