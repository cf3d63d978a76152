"""The studies and editions that a command is asked for."""

from pathlib import Path

import pytest

from bnreport.commands.project import Project
from bnreport.errors import BnreportError
from bnreport.records.layout import Layout
from bnreport.studies import all_editions

PROJECT = Project(Layout(Path()))


def named(*names: str) -> list[str]:
    """The names of the editions that are meant."""
    return [edition.edition.name for edition in PROJECT.editions(names)]


def test_a_study_means_all_its_editions_and_an_edition_itself() -> None:
    assert named("rates") == ["rates", "rates.2"]
    assert named("rates.2", "toy") == ["rates.2", "toy"]
    assert named() == list(all_editions())


@pytest.mark.parametrize("name", ["rates.1", "rates.3", "rate"])
def test_an_edition_that_is_none_is_refused_by_name(name: str) -> None:
    with pytest.raises(BnreportError, match=rf"rates\.2.*Received: '{name}'"):
        named(name)
