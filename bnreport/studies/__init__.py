"""All studies; a module in this folder that defines STUDY is one.

Begin with `speed`. May import `analysis`, `presentation`, `records`, `statistics` and `protocol`;
never training.
"""

import pkgutil
import traceback
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from bnreport.analysis.study import Study
from bnreport.errors import BnreportError


def all_studies() -> dict[str, Study]:
    """Every study by name, in the order of their module names.

    Raises:
        BnreportError: when a module does not define a study, or one that is sound.
    """
    return {study.name: study for _, study in _found()}


def files_of(name: str) -> list[Path]:
    """The files that define the study of that name: its module, or all in its folder."""
    (file,) = [file for file, study in _found() if study.name == name]
    if file.name != "__init__.py":
        return [file]
    return sorted(path for path in file.parent.iterdir() if path.suffix in {".py", ".toml"})


def module_of(name: str) -> str:
    """The module that defines the study of that name."""
    (file,) = [file for file, study in _found() if study.name == name]
    return f"{__name__}.{file.parent.name if file.name == '__init__.py' else file.stem}"


@lru_cache(maxsize=1)
def _found() -> tuple[tuple[Path, Study], ...]:
    names = sorted(info.name for info in pkgutil.iter_modules(__path__))
    found = tuple(_load(name) for name in names)
    for what in ("name", "page"):
        given = [getattr(study, what) for _, study in found]
        if twice := sorted({value for value in given if given.count(value) > 1}):
            raise BnreportError(
                f"Expected a {what} of its own for each study. Received: {twice[0]!r} of two. "
                f"Do change one in {Path(__file__).parent}."
            )
    return found


def _load(name: str) -> tuple[Path, Study]:
    what = f"bnreport/studies/{name}"
    try:
        module = import_module(f"{__name__}.{name}")
        study = module.STUDY
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        raise BnreportError(
            f"Expected {what} to define STUDY. Received: {type(error).__name__}: {error} in "
            f"{Path(where.filename).name}, line {where.lineno}. Do mend it, or move it elsewhere."
        ) from error
    if not isinstance(study, Study):
        raise BnreportError(
            f"Expected STUDY in {what} to be a Study. Received: {type(study).__name__}. Do mend it."
        )
    if mistakes := list(study.mistakes()):
        raise BnreportError(f"In {what}: " + "\n".join(mistakes))
    return Path(module.__file__ or ""), study


def chosen(names: tuple[str, ...]) -> dict[str, Study]:
    """The studies of those names, or all when none is named.

    Raises:
        BnreportError: when there is no study of a name.
    """
    studies = all_studies()
    for name in names:
        if name not in studies:
            raise BnreportError(
                f"Expected a study: {', '.join(studies)}. Received: {name!r}. Do name one of them."
            )
    return {name: studies[name] for name in names} if names else studies
