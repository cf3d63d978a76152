"""All studies; a module in this folder that defines STUDY is one."""

import pkgutil
from importlib import import_module

from bnreport.errors import BnreportError
from bnreport.study import Study


def all_studies() -> dict[str, Study]:
    """Every study by name, in the order of their module names."""
    modules = sorted(info.name for info in pkgutil.iter_modules(__path__))
    studies = [import_module(f"{__name__}.{module}").STUDY for module in modules]
    return {study.name: study for study in studies}


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
