"""Words for the arms of a comparison have their colours, once a sentence."""

import re

import pytest
from markupsafe import Markup

from bnreport.figures.palettes import DARK, LIGHT
from bnreport.pages.arms import NAMES, armed
from tests.synthetic import DOCS

UNCHOSEN = "(prefers-color-scheme: dark) and (scripting: none)"


def arm(name: str, words: str) -> str:
    return f'<span class="arm arm--{name}">{words}</span>'


@pytest.mark.parametrize(
    ("text", "colored"),
    [
        ("BN over raw pixels", f"{arm('bn', 'BN')} over {arm('raw', 'raw pixels')}"),
        ("On raw pixels with BN", f"On raw pixels with {arm('bn', 'BN')}"),
        ("Than standardized inputs", f"Than {arm('std', 'standardized inputs')}"),
        ("inputs standardized once", arm("std", "inputs standardized once")),
        ("BN on standardized inputs", arm("std-bn", "BN on standardized inputs")),
        ("raw pixels without BN", arm("raw", "raw pixels without BN")),
        ("a net without BN, no BN", "a net without BN, no BN"),
        (
            "layer normalization over BN",
            f"{arm('ln', 'layer normalization')} over {arm('bn', 'BN')}",
        ),
        ("BN beats BN", f"{arm('bn', 'BN')} beats BN"),
        ("SyncBN and BNs", "SyncBN and BNs"),
        ("<code>BN</code> BN", f"<code>BN</code> {arm('bn', 'BN')}"),
        ('<a title="BN">1</a>', '<a title="BN">1</a>'),
    ],
)
def test_the_first_name_of_each_arm_has_its_colour(text: str, colored: str) -> None:
    assert armed(Markup(text)) == colored


@pytest.mark.parametrize("name", NAMES)
def test_words_have_the_colours_of_figures_in_both_palettes(name: str) -> None:
    style = (DOCS / "assets" / "site.css").read_text(encoding="utf-8")
    assert f".arm--{name} {{ color: var(--arm-{name}); }}" in style
    for palette in (LIGHT, DARK):
        (color,) = (palette.arms[arm] for arm in palette.arms if arm == name)
        assert f"--arm-{name}: {color};" in style


def test_the_dark_palette_is_the_same_where_no_script_can_choose_it() -> None:
    style = (DOCS / "assets" / "site.css").read_text(encoding="utf-8")
    chosen, preferred = (
        re.findall(rf"^{re.escape(opening)} {{(.*?)^}}", style, re.MULTILINE | re.DOTALL)
        for opening in ("@media screen", f"@media screen and {UNCHOSEN}")
    )
    assert len(preferred) > 1
    for colors in preferred:
        rules = colors.replace("[data-md-color-scheme]", '[data-md-color-scheme="slate"]')
        # A rule may stand there that undoes what the light palette hides.
        kept = [line for line in rules.splitlines() if ".only-dark" not in line]
        assert "\n".join(kept).rstrip() in "".join(chosen)
