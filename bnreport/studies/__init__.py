"""All studies; a module in this folder that defines STUDY is one. Later editions have folders.

Begin with `speed`. May import `analysis`, `lessons`, `presentation`, `records`, `statistics` and
`protocol`; never training.
"""

import pkgutil
import traceback
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from bnreport.analysis import soundness
from bnreport.analysis.study import Study
from bnreport.errors import BnreportError, nearest

Named = TypeVar("Named")
# The folders of later editions, which the first ones name; nothing in them is a study by itself.
LATER = {2: "second", 3: "third"}


def all_studies() -> dict[str, Study]:
    """Every study by name, in the order of their module names.

    Raises:
        BnreportError: when a module does not define a study, or one that is sound.
    """
    return {study.name: study for _, (study, *_) in _all()}


def all_editions() -> dict[str, Study]:
    """Every study, read at each of its editions, by the name of its files in results/."""
    return {at.edition.name: at for _, editions in _all() for at in editions}


def files_of(name: str, number: int = 1) -> list[Path]:
    """The files that define an edition of a study: its module and data, or all in its folder."""
    later = Path(__file__).parent / LATER.get(number, "") / f"{name}.py"
    file = later if number > 1 else _file_of(name)
    folder = file.parent if file.name == "__init__.py" else file.with_suffix("")
    if folder.is_dir():
        return sorted(path for path in folder.iterdir() if path.suffix in {".py", ".toml"})
    return [path for path in (file, file.with_suffix(".toml")) if path.exists()]


def module_of(name: str) -> str:
    """The module that defines the study of that name."""
    file = _file_of(name)
    return f"{__name__}.{file.parent.name if file.name == '__init__.py' else file.stem}"


def _file_of(name: str) -> Path:
    (file,) = [file for file, (study, *_) in _all() if study.name == name]
    return file


@lru_cache(maxsize=1)
def _all() -> tuple[tuple[Path, tuple[Study, ...]], ...]:
    names = sorted({info.name for info in pkgutil.iter_modules(__path__)} - {*LATER.values()})
    loaded = tuple(_load(name) for name in names)
    for kind in ("name", "page"):
        given = [getattr(study, kind) for _, study in loaded]
        if twice := sorted({value for value in given if given.count(value) > 1}):
            raise BnreportError(
                f"Expected a {kind} of its own for each study. Received: {twice[0]!r} of two. "
                f"Change one in {Path(__file__).parent}."
            )
    return tuple((file, tuple(study.by_edition())) for file, study in loaded)


def _load(name: str) -> tuple[Path, Study]:
    path = f"bnreport/studies/{name}"
    try:
        module = import_module(f"{__name__}.{name}")
    except Exception as error:
        where = _line_of(error, name)
        if isinstance(error, BnreportError):
            raise BnreportError(f"In {where}: {error}") from error
        raise BnreportError(
            f"Expected {path} to define STUDY. Received: {_explained(error)} in {where}. Fix it "
            "there, or move the file out of this folder."
        ) from error
    study = getattr(module, "STUDY", None)
    if study is None:
        raise BnreportError(
            f"Expected {path} to define STUDY. Received: a module without it. Write "
            "`STUDY = study(…)` at its end, or move the file out of this folder."
        )
    if not isinstance(study, Study):
        raise BnreportError(
            f"Expected STUDY in {path} to be a Study. Received: {type(study).__name__}. Make it "
            "with `study(…)`."
        )
    if faults := list(soundness.mistakes(study)):
        raise BnreportError(f"In {path}: " + "\n".join(faults))
    return Path(module.__file__ or ""), study


def _explained(error: Exception) -> str:
    """Name the kind of an error and what it says, in one line."""
    if isinstance(error, ValidationError):
        return "; ".join(
            f"{error.title}, {'.'.join(map(str, fault['loc'])) or 'as a whole'}: {fault['msg']}"
            for fault in error.errors()
        )
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {message}"


def _line_of(error: Exception, name: str) -> str:
    """The last line of the study's own files that led to an error."""
    if isinstance(error, SyntaxError):
        return f"{Path(error.filename or '').name}, line {error.lineno}"
    within = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if any(_is_of(Path(frame.filename), Path(folder) / name) for folder in __path__)
    ]
    if not within:
        return f"bnreport/studies/{name}"
    return f"{Path(within[-1].filename).name}, line {within[-1].lineno}"


def _is_of(file: Path, study: Path) -> bool:
    """Say whether a file is the module of that path, or lies in the folder."""
    return file == study.with_suffix(".py") or study in file.parents


def chosen(names: tuple[str, ...], studies: Mapping[str, Named]) -> Mapping[str, Named]:
    """The entries of the studies that are named, or all when none is.

    Raises:
        BnreportError: when there is no study of a name.
    """
    for name in names:
        if name not in studies:
            raise BnreportError(
                f"Expected a study: {nearest(name, studies)}. Received: {name!r}. Use one of these."
            )
    return {name: studies[name] for name in names} if names else studies
