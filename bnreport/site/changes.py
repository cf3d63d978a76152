"""Compare two built sites: which claims, words, numbers, figures, pages and links a change touches.

`read` takes what is compared out of a site's folder, `compare` finds the differences, and
`markdown` writes them down for whoever reviews the change.
"""

import csv
import difflib
import gzip
import hashlib
import itertools
import json
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lxml.etree
import lxml.html

from bnreport.errors import DataError
from bnreport.pages.fragments import inert
from bnreport.site.checks.fault import Tree
from bnreport.site.reached import reached

# It speaks of the machine that built the site.
ASIDE = "this-machine.html"
# Numbers that differ by no more than this share of themselves, or by this much, are the same.
RELATIVE, ABSOLUTE = 1e-6, 1e-9
# The fields of a claim that say how it came out.
WORDS = ("verdict", "shown")
# The elements in which a line of a page begins and ends.
BLOCKS = frozenset(
    "article aside blockquote body dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "header li main nav ol p pre section summary table tbody td th thead tr ul".split()
)
# What others show of a page: its title and what it is about.
NAMED = "//head/title/text() | //head/meta[@name='description']/@content"
# How a page says which commit built it.
_BUILT = re.compile(r"(Version \S+|Commit [0-9a-f]{7,40}) of \d{4}-\d\d-\d\d")
# A drawing has a file for each palette and each width.
_FORM = re.compile(r"(-phone)?-(light|dark)$")
# The citation says it in lines of its own.
_CITED = re.compile(r"^(commit|date-released): .*$", re.MULTILINE)
# What leads away from the site.
_AWAY = re.compile(r"[^:]*: *(//|[a-z][a-z0-9+.-]*:)", re.IGNORECASE)
# What a review can still read: lines of a page's difference, signs of a line, rows of a table.
MOST_LINES, LONGEST, MOST_ROWS = 40, 300, 200
NOTHING = "Nothing: claims, numbers, figures, pages, links and files stay."
REACHED = "Links, sources, alternative texts and scripts"
# GitHub shows no summary of a step at all that has more than 1 MiB.
MOST_BYTES = 1_000_000

Claim = Mapping[str, Any]
Pairs = Mapping[str, float]


@dataclass(frozen=True)
class Site:
    """The parts of a site that are compared.

    Attributes:
        claims: the fields of each claim, and of each setting of one, by their names.
        pairs: the values of `values.csv` by claim and setting, then by seed or pair.
        pages: the lines of each page by its path.
        reached: what each page leads to, loads and runs, by its path.
        figures: a digest of each drawing by its name.
        files: a digest of each file that is neither page nor drawing, nor of the data, by its path.
    """

    claims: Mapping[str, Claim]
    pairs: Mapping[str, Pairs]
    pages: Mapping[str, Sequence[str]]
    reached: Mapping[str, Sequence[str]]
    figures: Mapping[str, str]
    files: Mapping[str, str]


@dataclass(frozen=True)
class FieldChange:
    """A field of a claim before and after a change."""

    claim: str
    field: str
    before: object
    after: object


@dataclass(frozen=True)
class Changes:
    """The differences between two sites.

    Attributes:
        new, gone: claims of one site alone.
        words: the verdicts that differ.
        numbers: the numbers that differ by more than rounding.
        texts: other fields of claims that differ, the statement say.
        pairs: by claim and setting, each seed whose value differs, with both values.
        figures: drawings by name, each "new", "gone" or "changed".
        files: other files by path, each "new", "gone" or "changed".
        reached: by what went, "- …", or came, "+ …", the pages that led to it, loaded or ran it.
        pages: by path, the lines that went and came.
    """

    new: Sequence[str]
    gone: Sequence[str]
    words: Sequence[FieldChange]
    numbers: Sequence[FieldChange]
    texts: Sequence[FieldChange]
    pairs: Mapping[str, Sequence[FieldChange]]
    figures: Mapping[str, str]
    files: Mapping[str, str]
    reached: Mapping[str, Sequence[str]]
    pages: Mapping[str, Sequence[str]]


def read(folder: Path) -> Site:
    """Read what is compared of a built site.

    Raises:
        DataError: a file is missing or does not hold what a build writes.
    """
    data = folder / "data"
    # A folder of other things may be large: what a site has is looked for first.
    if not (data / "claims.json").is_file():
        raise DataError(
            f"Expected the folder of a built site. Received: {folder}, without data/claims.json. "
            "Build one with `bnreport build`, or name another folder."
        )
    files = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    trees = {name: _tree(path) for name, path in files.items() if name.endswith(".html")}
    claims, pairs = _claims(data / "claims.json"), _pairs(data / "values.csv")
    # An identity alone has no values.
    judged = (claim for claim in claims.values() if "id" in claim)
    if not pairs and any(claim.get("kind") != "exact" for claim in judged):
        raise _refused(data / "values.csv", "no row")
    return Site(
        claims=claims,
        pairs=pairs,
        pages={name: [*_lines(tree)] for name, tree in trees.items() if name != ASIDE},
        reached={name: [*reached(tree)] for name, tree in trees.items()},
        figures=_figures(sorted((folder / "figures").glob("*.svg"))),
        files={
            name: _digest(path)
            for name, path in files.items()
            if name not in trees and not name.startswith("data/")
            if not (path.suffix == ".svg" and path.parent == folder / "figures")
        },
    )


def _tree(path: Path) -> Tree:
    """A page; what holds none is one that is empty."""
    try:
        return lxml.html.document_fromstring(path.read_bytes())
    except lxml.etree.ParserError:
        return lxml.html.document_fromstring(b"<html></html>")


def _digest(path: Path) -> str:
    """A digest of a file but for what built it, and of a packed one of what it holds."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        with suppress(OSError, EOFError, zlib.error):
            content = gzip.decompress(content)
    try:
        text = _BUILT.sub("this build", content.decode())
    except UnicodeDecodeError:
        return hashlib.sha256(content).hexdigest()
    text = _CITED.sub("", text) if path.name == "CITATION.cff" else text
    return hashlib.sha256(text.encode()).hexdigest()


def _refused(path: Path, received: object) -> DataError:
    return DataError(
        f"Expected in {path} what `bnreport build` writes. Received: {received}. "
        "Build the site again."
    )


def _claims(path: Path) -> dict[str, Claim]:
    """The claims of a site and their settings, by the name of each."""
    try:
        listed = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
        json.dumps(listed, ensure_ascii=False).encode()
    except FileNotFoundError:
        raise _refused(path, "no such file") from None
    except UnicodeEncodeError:
        raise _refused(path, "half of a sign, as \\ud800 is, which no text can hold") from None
    except (ValueError, RecursionError) as error:
        raise _refused(path, error) from None
    if not isinstance(listed, list):
        raise _refused(path, "no list")
    claims: dict[str, Claim] = {}
    for at, claim in enumerate(listed):
        if not isinstance(claim, dict) or not isinstance(claim.get("id"), str):
            raise _refused(path, f"entry {at + 1} without an id")
        settings = claim.get("settings") or []
        if not isinstance(settings, list) or not all(isinstance(each, dict) for each in settings):
            raise _refused(path, f"settings of {claim['id']} that are no objects")
        named = {claim["id"]: {key: claim[key] for key in claim if key != "settings"}}
        named |= {f"{claim['id']}, {each.get('setting')}": each for each in settings}
        if doubled := named.keys() & claims.keys():
            raise _refused(path, f"{min(doubled)} twice")
        claims |= named
    return claims


def _no_number(word: str) -> object:
    raise ValueError(f"{word}, which is not a number of JSON")


def _pairs(path: Path) -> dict[str, dict[str, float]]:
    """The values that judge, by claim and setting, then by seed, or by pair where there is none."""
    pairs: dict[str, dict[str, float]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            for row in reader:
                if None in row or None in row.values():
                    raise _refused(path, f"another number of cells in line {reader.line_num}")
                setting = f", {row['setting']}" if row["setting"] else ""
                of_claim = pairs.setdefault(f"{row['claim']}{setting}", {})
                value = float(row["value"] or "nan")
                if math.isnan(value):
                    raise _refused(path, f"{row['value'] or 'no'} value in line {reader.line_num}")
                of_claim[row["seed"] or f"pair {row['pair']}"] = value
    except FileNotFoundError:
        raise _refused(path, "no such file") from None
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise _refused(path, error) from None
    return pairs


def _lines(tree: Tree) -> Iterator[str]:
    """A page's title, what it is about, and its article, a line for each block.

    What built it is left out.
    """
    (article, *_) = tree.xpath("//article") or tree.xpath("//body") or [tree]

    def block(text: Any) -> Any:
        around = text.getparent()
        # What follows an element stands in that around it.
        around = around.getparent() if text.is_tail else around
        while around is not article and around.tag not in BLOCKS:
            around = around.getparent()
        return around

    yield from filter(None, map(str.strip, tree.xpath(NAMED)))
    read_texts = article.xpath(".//text()[not(ancestor::script or ancestor::style)]")
    for _, texts in itertools.groupby(read_texts, block):
        if line := " ".join("".join(texts).split()):
            yield _BUILT.sub("this build", line)


def _figures(files: Iterable[Path]) -> dict[str, str]:
    """A digest of all files of each drawing."""
    digests: dict[str, Any] = {}
    for file in files:
        digest = digests.setdefault(_FORM.sub("", file.stem), hashlib.sha256())
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return {name: digest.hexdigest() for name, digest in digests.items()}


def compare(base: Site, head: Site) -> Changes:
    """Find the differences between a site and the one that a change makes of it."""
    both = [name for name in base.claims if name in head.claims]
    differences = [
        FieldChange(name, field, base.claims[name].get(field), head.claims[name].get(field))
        for name in both
        for field in dict.fromkeys([*base.claims[name], *head.claims[name]])
        if not _same(base.claims[name].get(field), head.claims[name].get(field))
    ]
    numeric = [each for each in differences if _number(each.before) or _number(each.after)]
    words = [each for each in differences if each.field in WORDS]
    pairs = {
        name: seeds
        for name in dict.fromkeys([*base.pairs, *head.pairs])
        if name in both
        if (seeds := [*_seeds(name, base.pairs.get(name, {}), head.pairs.get(name, {}))])
    }
    return Changes(
        new=[name for name in head.claims if name not in base.claims],
        gone=[name for name in base.claims if name not in head.claims],
        words=words,
        numbers=numeric,
        texts=[each for each in differences if each not in words and each not in numeric],
        pairs=pairs,
        figures=_kinds(base.figures, head.figures),
        files=_kinds(base.files, head.files),
        reached=_reached(base.reached, head.reached),
        pages={
            name: [*_edits(base.pages.get(name, ()), head.pages.get(name, ()))]
            for name in _kinds(base.pages, head.pages)
        },
    )


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(before: object, after: object) -> bool:
    """Compare two values of a field but for rounding."""
    if isinstance(before, int | float) and isinstance(after, int | float):
        near = math.isclose(before, after, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
        return near or (math.isnan(before) and math.isnan(after))
    return before == after


def _seeds(name: str, before: Pairs, after: Pairs) -> Iterator[FieldChange]:
    """The seeds at which the values of a claim differ; a seed of one site alone lacks the other."""
    for seed in dict.fromkeys([*before, *after]):
        if not _same(before.get(seed), after.get(seed)):
            yield FieldChange(name, seed, before.get(seed), after.get(seed))


def _kinds(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Names that are new, gone or changed, each with that word."""
    return {
        name: "changed" if name in before and name in after else "new" if name in after else "gone"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def _reached(
    before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """The edits of what pages lead to, load and run, with their pages; of new ones what is new."""
    known = frozenset(itertools.chain.from_iterable(before.values()))
    pages: dict[str, list[str]] = {}
    for name, kind in _kinds(before, after).items():
        new = [f"+ {line}" for line in after.get(name, ()) if line not in known]
        changed = _edits(before.get(name, ()), after.get(name, ()))
        for edit in dict.fromkeys(changed if kind == "changed" else new):
            pages.setdefault(edit, []).append(name)
    # What came before what went, and of both first what leads away.
    order = sorted(pages, key=lambda edit: (edit[0] == "-", not _AWAY.match(edit)))
    return {edit: pages[edit] for edit in order}


def _edits(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """The lines that went, "- …", and came, "+ …"."""
    # Two lines of a head come first; a line that changes has a sign of its own in front.
    for line in itertools.islice(difflib.unified_diff(before, after, n=0, lineterm=""), 2, None):
        if not line.startswith("@@"):
            yield f"{line[0]} {line[1:]}"


def markdown(changes: Changes) -> str:
    """Write changes in Markdown in which nothing that a site holds acts."""
    if not any(vars(changes).values()):
        return f"## What changes on the site\n\n{NOTHING}\n"
    counts = {
        "claims and settings new": changes.new,
        "claims and settings gone": changes.gone,
        "words": changes.words,
        "numbers": changes.numbers,
        "figures": changes.figures,
        "pages": changes.pages,
        "links, sources and scripts": changes.reached,
        "other files": changes.files,
    }
    summary = ", ".join(f"{kind}: {len(those)}" for kind, those in counts.items() if those)
    parts = [
        f"## What changes on the site\n\n{summary or 'Only what stands below'}.",
        # First what can harm a reader: behind all else there might be no room for it.
        _quoted(REACHED, _within(changes.reached), MOST_ROWS) if changes.reached else "",
        _listed("Other files", [f"{name}: {kind}" for name, kind in changes.files.items()]),
        _listed("New claims and settings", changes.new),
        _listed("Claims and settings that are gone", changes.gone),
        _table("Words", ("claim", "field", "before", "after"), changes.words),
        _table("Numbers", ("claim", "field", "before", "after"), changes.numbers),
        _table("Other fields of claims", ("claim", "field", "before", "after"), changes.texts),
        *(
            _table(f"Seed by seed: {inert(name)}", ("claim", "seed", "before", "after"), seeds)
            for name, seeds in changes.pairs.items()
        ),
        _listed("Figures", [f"{name}: {kind}" for name, kind in changes.figures.items()]),
        *(_quoted(f"Page {name}", lines, MOST_LINES) for name, lines in changes.pages.items()),
    ]
    return "\n\n".join(_fitting([_written(part) for part in parts if part])) + "\n"


def _written(text: str) -> str:
    """A text without halves of signs, which the name of a file may hold and no text can."""
    return text.encode(errors="backslashreplace").decode()


def _within(edits: Mapping[str, Sequence[str]]) -> list[str]:
    """Edits with the pages in which they are made."""
    return [
        f"{edit[0]} {pages[0]}{f' and {len(pages) - 1} more' if len(pages) > 1 else ''}, {edit[2:]}"
        for edit, pages in edits.items()
    ]


def _fitting(parts: Sequence[str]) -> Iterator[str]:
    """The parts that fit into a summary, and how many do not."""
    room = MOST_BYTES
    for place, part in enumerate(parts):
        room -= len(part.encode()) + 2
        if room < 0:
            yield f"… and {len(parts) - place} tables and pages more, for which there is no room."
            return
        yield part


def _listed(title: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    lines = [f"- {inert(_cut(' '.join(name.split())))}" for name in names[:MOST_ROWS]]
    if len(names) > MOST_ROWS:
        lines += ["", f"… and {len(names) - MOST_ROWS} more."]
    return "\n".join([f"### {title}", "", *lines])


def _table(title: str, head: Sequence[str], rows: Sequence[FieldChange]) -> str:
    if not rows:
        return ""
    lines = [f"### {title}", "", f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for row in rows[:MOST_ROWS]:
        cells = (row.claim, row.field, *_shown(row.before, row.after))
        lines.append(f"| {' | '.join(inert(cell) for cell in cells)} |")
    if len(rows) > MOST_ROWS:
        lines += ["", f"… and {len(rows) - MOST_ROWS} more."]
    return "\n".join(lines)


def _shown(*values: object) -> Iterator[str]:
    """Values on a line each, numbers by ten digits at most; long texts begin where they part."""
    texts = [
        "–" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)
        for value in values
    ]
    places = enumerate(zip(*texts, strict=False))
    alike = next((at for at, signs in places if len({*signs}) > 1), min(map(len, texts)))
    begin = max(0, alike - LONGEST // 3) if max(map(len, texts)) > LONGEST else 0
    for text in texts:
        yield _cut(("…" if begin else "") + " ".join(text[begin:].split()))


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _quoted(title: str, lines: Sequence[str], most: int) -> str:
    """Edits behind a fence that is longer than any in them."""
    shown = [_cut(" ".join(line.split())) for line in lines[:most]]
    if len(lines) > most:
        shown.append(f"  … and {len(lines) - most} lines more")
    ticks = max(map(len, re.findall(r"`+", "\n".join(shown))), default=0)
    fence = "`" * max(3, ticks + 1)
    return "\n".join([f"### {inert(title)}", "", f"{fence}diff", *shown, fence])
