"""Filled pages, kept by all that they were filled from.

A page is filled again once anything changes that it may depend on: the records and what judges
them, any module of the package, its own text, or whatever else lies below the pages' folder. Only
the body of another page cannot matter to it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bnreport.analysis.report import Report
from bnreport.pages.cache import Cache, key_of
from bnreport.pages.library.citation import FILE as CITED
from bnreport.pages.library.citation import read_citation
from bnreport.pages.scheduler_times import FILE as SCHEDULER_TIMES
from bnreport.pages.site_times import FILE as SITE_TIMES
from bnreport.pages.source_digests import package_digest
from bnreport.pages.staging import Staging
from bnreport.pages.supplies import Supplies

KIND = "filled"
# Beside the folder of the pages: what architecture and performance are told from.
_BESIDE = ("pyproject.toml", f"results/{SITE_TIMES}", f"results/{SCHEDULER_TIMES}")
# What ends the front matter of a page.
_FENCE = b"\n---"


@dataclass(frozen=True)
class KeptPages:
    """The pages of a report, each with the figures, claims and works that it needs.

    Attributes:
        report: what the site says.
        sources: the folder of the pages' sources.
        pages: the sources themselves, each of which is a page.
        supplies: how figures are drawn; its cache keeps the pages.
    """

    report: Report
    sources: Path
    pages: tuple[Path, ...]
    supplies: Supplies

    def read(self, page: str) -> Staging | None:
        """A page as it was filled; None where it was not, or lacks a drawing by now."""
        kept = self._cache.read(KIND, self._key(page))
        return None if kept is None else self._staged(page, json.loads(kept))

    def _staged(self, page: str, kept: dict[str, list[list[str]]]) -> Staging | None:
        staging = Staging({page: kept["text"][0][0]}, self.supplies)
        staging.used = {(name, figure) for name, figure in kept["used"]}
        staging.carded = {(name, claim) for name, claim in kept["carded"]}
        staging.cited = {key for (key,) in kept["cited"]}
        # Whoever only looks pages over draws nothing.
        for file, key in kept["drawings"] if self.supplies.draw else ():
            if (text := self.supplies.drawing(key)) is None:
                return None
            staging.draw(file, key, text)
        return staging

    def write(self, page: str, staging: Staging) -> None:
        """Keep a page that was filled without a fault, if nothing that it needs waits."""
        if staging.waiting or not self._common:
            return
        parts = {
            "text": [[staging.files[page]]],
            "used": sorted(staging.used),
            "carded": sorted(staging.carded),
            "cited": [[key] for key in sorted(staging.cited)],
            "drawings": sorted(staging.drawings.items()),
        }
        self._cache.write(KIND, self._key(page), json.dumps(parts).encode())

    @property
    def _cache(self) -> Cache:
        return self.supplies.cache if self._common else Cache()

    def _key(self, page: str) -> str:
        return key_of(self._common, page, (self.sources / page).read_bytes())

    @cached_property
    def _common(self) -> str:
        """The digest of what any page may depend on; empty where nobody knows it all.

        Only a report that was read from records says what it was made from, and runs of this
        machine are of one occasion.
        """
        report = self.report
        origins = [study.origin for study in report.editions()]
        if self.supplies.cache.folder is None or report.check is not None or not all(origins):
            return ""
        root = self.sources.parent
        citation = read_citation(root) if (root / CITED).exists() else None
        parts = (report.profile, *sorted(report.announced), *origins, citation)
        return key_of(package_digest(), *self.supplies.drawn_by, repr(parts), *self._surroundings())

    def _surroundings(self) -> Iterator[str | bytes]:
        """Yield the files that pages are filled from, and of pages what stands in their heads."""
        root = self.sources.parent
        beside = [path for name in _BESIDE if (path := root / name).is_file()]
        below = sorted(path for path in self.sources.rglob("*") if path.is_file())
        for path in (*beside, *below):
            text = path.read_bytes()
            yield path.relative_to(root).as_posix()
            yield text.partition(_FENCE)[0] if path in self.pages else text
