"""Another builder is held equal to MkDocs on one configuration, or what it lacks is named."""

import re
from pathlib import Path

import pytest
import yaml

from bnreport.commands import builders
from bnreport.errors import BnreportError
from bnreport.site.menu import Menu
from bnreport.site.mkdocs import configuration
from tests.synthetic import ROOT, report

# Builders that make one page each; the second makes another one.
LIKE = """
import pathlib, sys, yaml
path = pathlib.Path(sys.argv[-1])
site = path.parent / yaml.safe_load(path.read_text())["site_dir"]
site.mkdir(parents=True)
(site / "index.html").write_text('<meta name="generator" content="{name}"><p>{text}</p>')
"""
MENU: Menu = [{"Home": "index.md"}, {"Learn": [{"What": "learn/what.md"}]}]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration, and three builders that can be imported."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(builders, "DEFAULT", "usual")
    for name, text in (("usual", "Text."), ("same", "Text."), ("different", "Words.")):
        module = LIKE.replace("{name}", name).replace("{text}", text)
        (tmp_path / f"{name}.py").write_text(module, encoding="utf-8")
    path = tmp_path / "mkdocs.yml"
    path.write_text(yaml.safe_dump({"nav": MENU}), encoding="utf-8")
    return path


@pytest.mark.parametrize(("builder", "files"), [("same", []), ("different", ["index.html"])])
def test_sites_of_two_builders_are_compared(builder: str, files: list[str], config: Path) -> None:
    lines = builders.compared(builder, config, config.parent / "sites")
    assert [line.partition(":")[0] for line in lines] == files


def test_what_a_builder_lacks_is_named_by_the_gate(config: Path) -> None:
    lines = builders.missing("same", config, config.parent / "sites")
    assert any("missing page" in line and "learn/what.html" in line for line in lines)


def test_a_builder_that_is_not_there_is_named_with_what_python_says(config: Path) -> None:
    with pytest.raises(BnreportError, match=r"nobody\.yml.*No module named nobody"):
        builders.built("nobody", config, config.parent / "site")


def test_the_configuration_is_whole_plain_and_names_no_place_of_this_machine(
    tmp_path: Path,
) -> None:
    config = configuration(ROOT, MENU, report(), ROOT / "build" / "docs", ROOT / "site")
    text = yaml.safe_dump(config)
    # A tag would ask each builder for objects of Python, or for an environment.
    assert "!" not in "".join(line for line in text.splitlines() if "!!" in line or "!ENV" in line)
    assert yaml.safe_load(text) == config
    assert config["nav"] == MENU
    assert (config["docs_dir"], config["site_dir"]) == ("docs", "../site")
    assert config["theme"]["custom_dir"] == "../theme"
    assert config["hooks"] == ["../bnreport/site/hooks.py"]
    assert config["extra"]["profile"] == "full"
    assert str(ROOT) not in text
    assert str(tmp_path) not in text


def test_a_notebook_that_is_a_page_already_needs_no_plugin(tmp_path: Path) -> None:
    staged = tmp_path / "build" / "docs"
    staged.mkdir(parents=True)
    menu: Menu = ["notebook.ipynb", {"More": [{"Itself": "notebook.ipynb"}]}]
    by_plugin = configuration(ROOT, menu, report(), staged, tmp_path / "site")
    assert by_plugin["nav"] == menu
    (staged / "notebook.md").write_text("# N", encoding="utf-8")
    by_itself = configuration(ROOT, menu, report(), staged, tmp_path / "site")
    assert by_itself["nav"] == ["notebook.md", {"More": [{"Itself": "notebook.md"}]}]
    names = [[name for plugin in c["plugins"] for name in plugin] for c in (by_plugin, by_itself)]
    assert names == [["search", "mkdocs-jupyter"], ["search"]]
    assert {name for name in by_plugin if by_plugin[name] != by_itself[name]} == {"nav", "plugins"}


def test_no_template_of_the_theme_calls_a_method_of_python() -> None:
    for path in sorted((ROOT / "theme").rglob("*.*ml")):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        marks = re.findall(r"\{[{%].*?[%}]\}", text, flags=re.DOTALL)
        calls = [call for mark in marks for call in re.findall(r"\.\w+\(", mark)]
        assert calls == [], path.name
