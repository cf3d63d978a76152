"""No page, table or figure says a phrase that readers stumble over, whatever it is made from."""

import pytest

from bnreport.pages.staging import Staging
from tests.phrases import clumsy

# What a reader reads: pages and figures. Data hold the frozen fields of claims.
READ = (".md", ".svg")


def found_in(files: dict[str, str]) -> dict[str, list[str]]:
    """The phrases of the files that people read, by path."""
    texts = {path: text for path, text in files.items() if path.endswith(READ)}
    return {path: phrases for path, text in texts.items() if (phrases := [*clumsy(text)])}


def test_a_planted_phrase_is_found_on_a_page_and_in_a_figure() -> None:
    files = {
        "a.md": "It is so, by an amount worth saying.",
        "figures/a.svg": "<svg><text>BN beside raw pixels</text></svg>",
        "data/claims.json": '{"rule": "worth saying"}',
    }
    assert list(found_in(files)) == ["a.md", "figures/a.svg"]


@pytest.mark.slow
def test_no_page_and_no_figure_has_a_phrase_that_readers_stumble_over(rendered: Staging) -> None:
    # All committed records, whose process the word "golden" chooses: see tests/shared.py.
    assert found_in(dict(rendered.files)) == {}
