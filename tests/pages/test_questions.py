"""The questions on the methods page that no claim asks, answered by the code that stands there."""

import re
from typing import Any

import pytest

from tests import golden
from tests.synthetic import DOCS

FILES = ("runs.csv", "values.csv", "claims.json", "notebook.csv")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the code of the page leaves, run beside the published data."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "data").mkdir()
    published = golden.data()
    for name in FILES:
        (folder / "data" / name).write_text(published[f"data/{name}"], encoding="utf-8")
    text = (DOCS / "methods.md").read_text(encoding="utf-8")
    code = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(code) == 4
    found: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for block in code:
            exec(block, found)
    return found


@pytest.mark.slow
def test_hardly_any_net_with_a_normalizer_diverges(answers: dict[str, Any]) -> None:
    lost = answers["lost"]
    assert lost["size"].sum() > 10_000
    assert lost["mean"]["none"] > 0.1
    assert {*lost.index} > {"none", "batch", "layer", "group"}
    assert (lost["mean"].drop("none") < 0.001).all()


@pytest.mark.slow
def test_seeds_end_about_half_as_far_apart_as_they_begin(answers: dict[str, Any]) -> None:
    spread = answers["spread"]
    assert len(spread) >= 10
    assert 0.4 < spread[10] / spread[1] < 0.6


@pytest.mark.slow
def test_nearly_every_seed_shows_a_supported_difference(answers: dict[str, Any]) -> None:
    against = answers["against"]
    assert len(against) > 200
    assert (against == 0).mean() > 0.5
    assert 0.2 < against.max() < 0.25
