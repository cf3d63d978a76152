"""Keep reports of records, analyses of lessons and digests of code by what they are made from."""

import io
import json
import pickle
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bnreport import studies
from bnreport.analysis.report import StudyReport
from bnreport.analysis.study import Study
from bnreport.pages.cache import Cache, key_of
from bnreport.pages.source_digests import PACKAGE, source_digest
from bnreport.presentation.tables import Analysis
from bnreport.records.code import executed
from bnreport.records.code.executed import Digests

# What arrays and plain values are put together from.
PARTS = {
    ("builtins", "set"),
    ("copyreg", "_reconstructor"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
}


class ValuesOnly(pickle.Unpickler):
    """Reads values of this package, arrays and plain data; no entry can call anything else."""

    def find_class(self, module: str, name: str) -> Any:
        """The class of that name, where it is one of values."""
        if (module, name) in PARTS or module.partition(".")[0] == PACKAGE:
            part = super().find_class(module, name)
            if (module, name) in PARTS or _holds_values(part):
                return part
        raise pickle.UnpicklingError(f"Expected a value. Received: {module}.{name}.")


def _holds_values(part: object) -> bool:
    return isinstance(part, type) and (is_dataclass(part) or issubclass(part, BaseModel))


def values_of(content: bytes) -> Any:
    """The values of an entry.

    Raises:
        pickle.UnpicklingError: when it holds anything but values.
    """
    return ValuesOnly(io.BytesIO(content)).load()


def cached_code(cache: Cache) -> Digests:
    """The digests of what runs execute, by the text of the code as it is."""
    if cache.folder is None:
        return executed.today()
    key = key_of(*(part for path in executed.files() for part in (str(path), path.read_bytes())))
    digests: Digests = json.loads(cache.text("code", key, lambda: json.dumps(executed.today())))
    return digests


def report_key(
    study: Study, files: Iterable[Path], modules: Iterable[str], words: Iterable[str]
) -> str:
    """The key of a study's report.

    Args:
        study: the study.
        files: what the report is made from: the records, and what was verified of them.
        modules: what reads and judges them, beside the study's own.
        words: what else it depends on: the profile, and what is known of the code of the runs.
    """
    contents = (part for path in sorted(files) for part in (str(path), path.read_bytes()))
    sources = source_digest(*modules, studies.module_of(study.name))
    return key_of(study.edition.name, sources, *words, *contents)


def cached_report(
    cache: Cache, study: Study, key: str, make: Callable[[], StudyReport]
) -> StudyReport:
    """The report of a study, made where none is kept under the key."""
    kept = _kept(cache, "reports", key)
    if kept is not None:
        return StudyReport(study=study, origin=key, **kept)
    report = make()
    if cache.folder is not None:
        values = {
            field.name: getattr(report, field.name)
            for field in fields(StudyReport)
            if field.name not in {"study", "origin", "later"}
        }
        cache.write("reports", key, pickle.dumps(values))
    return replace(report, origin=key)


def cached_analysis(cache: Cache, module: str, make: Callable[[], Analysis]) -> Analysis:
    """The analysis of a lesson, which follows from the code of its module alone."""
    key = source_digest(module)
    kept: Analysis | None = _kept(cache, "lessons", key)
    if kept is None:
        kept = make()
        cache.write("lessons", key, pickle.dumps(kept))
    return kept


def _kept(cache: Cache, kind: str, key: str) -> Any:
    content = cache.read(kind, key)
    if content is None:
        return None
    try:
        return values_of(content)
    except (pickle.UnpicklingError, AttributeError, ImportError, EOFError, TypeError):
        # Written by other versions of Python or its libraries; it is made again.
        return None
