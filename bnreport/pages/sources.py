"""The code that a study's page links to."""

from pathlib import Path

from bnreport.analysis.study import Study
from bnreport.studies import files_of

PACKAGE = Path(__file__).parents[1]


def source_files(study: Study) -> list[Path]:
    """The files of the package that say what the edition trains and how it is judged."""
    return [*files_of(study.name, study.number), *(PACKAGE / name for name in study.code)]
