"""The script that judges at a reader's margin gives the words of the build, at every margin."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
import playwright
import pytest

from bnreport.analysis import interval_rule
from bnreport.analysis import judge as judging
from bnreport.analysis.display import judgement
from bnreport.analysis.judge import judge
from bnreport.analysis.report import Report
from bnreport.pages.board.values import PAIRED, values_script
from bnreport.pages.data.links import anchor
from bnreport.protocol.claims import Claim, Display
from bnreport.statistics.estimates import Contrast, Estimate, Exact, log_ratio, paired
from tests import golden
from tests.analysis.test_judge import DIFFERENCE
from tests.synthetic import DOCS

RULE = DOCS / "assets" / "board-rule.js"
RUNNER = Path(__file__).with_name("board_rule.mjs")
# The engine that Playwright brings along: no browser starts.
NODE = Path(playwright.__file__).parent / "driver" / "node"
# The default, those that the page is held to, and both ends of the slider.
TIMES = (1.0, 0.0, 0.5, 1.5, 2.5, 3.0)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what no word depends on, and what takes longest."""
    for module in (interval_rule, judging):
        monkeypatch.setattr(module, "detectable_in", lambda *_: None)


def by_script(
    values: str, folder: Path, times: Sequence[float] = TIMES, rule: Path = RULE
) -> list[dict[str, str]]:
    """The words of the script at each margin, by the anchor of the claim."""
    (folder / "values.js").write_text(values, encoding="utf-8")
    command = [*map(str, (NODE, RUNNER, rule, folder / "values.js", *times))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [dict(words) for words in json.loads(done.stdout)]


def at(claim: Claim, times: float) -> Claim:
    """The claim with so many times its margin; of a ratio it is a power."""
    if claim.kind not in PAIRED or claim.margin is None:
        return claim
    margin = claim.margin**times if claim.scale == "ratio" else claim.margin * times
    return claim.model_copy(update={"margin": margin})


def of_build(report: Report, times: float) -> dict[str, str]:
    """The words that a build would show at so many times each margin, by anchor."""
    return {
        anchor(claim.id): judgement(
            verdicts[claim.id], study.study.display.get(claim.id), words=study.study.words
        ).text
        for study in report.editions()
        for family in study.study.edition.tested
        for verdicts in [judge([at(claim, times) for claim in family], study.estimates, "full")]
        for claim in family
        if claim.kind in PAIRED
    }


@pytest.mark.slow
def test_the_words_of_every_claim_are_those_of_the_build_at_every_margin(tmp_path: Path) -> None:
    report = golden.report()
    by_margin = by_script(values_script(report), tmp_path)
    assert by_margin[0] == {
        anchor(verdict.claim.id): study.shown(verdict.claim.id).text
        for study, verdict in report.verdicts()
        if verdict.claim.kind in PAIRED
    }
    for times, words in zip(TIMES, by_margin, strict=True):
        assert words == of_build(report, times), times
    # The slider moves words.
    assert len({frozenset(words.items()) for words in by_margin}) == len(TIMES)


def made_up(
    *families: tuple[Sequence[Claim], Mapping[str, Estimate]], withdrawn: Sequence[str] = ()
) -> str:
    """The script of a report that holds these families of claims."""
    display = {name: Display(withdrawn="it is wrong") for name in withdrawn}
    editions: list[Any] = []
    for claims, estimates in families:
        verdicts = judge(claims, estimates, "full")
        edition = SimpleNamespace(
            study=SimpleNamespace(edition=SimpleNamespace(tested=[tuple(claims)])),
            verdicts=verdicts,
            shown=lambda name, of=verdicts: judgement(of[name], display.get(name)),
        )
        editions.append(edition)
    report: Any = SimpleNamespace(editions=lambda: editions)
    return values_script(report)


def by_build(
    claims: Sequence[Claim], estimates: Mapping[str, Estimate], times: float
) -> dict[str, str]:
    moved = judge([at(claim, times) for claim in claims], estimates, "full")
    return {anchor(name): judgement(verdict).text for name, verdict in moved.items()}


def drawn(seed: int, kind: str, lost: bool, scale: str, n: int) -> Contrast:
    """A contrast of made-up pairs, some of them alike, with lost runs or without."""
    rng = np.random.default_rng(seed)
    d = np.round(rng.normal(rng.choice([0.0, 0.4, -0.6, 1.2]), 0.5, n), 1)
    if kind == "equivalence":
        d = np.round(d / 3, 2)
    if not lost:
        return paired(d) if scale == "linear" else log_ratio(np.exp(d), np.ones(n))
    d[: rng.integers(1, 4)] = rng.choice([-np.inf, np.inf, 0.0])
    return paired(d, diverged=1)


FAMILIES = [
    [
        DIFFERENCE.model_copy(
            update={
                "id": f"{kind}.{scale}.{settings}.{seed}.{decided}",
                "kind": kind,
                "scale": scale,
                "margin": 1.25 if scale == "ratio" else 0.5,
                "decided": decided,
                "settings": ("a", "b", "c")[:settings],
            }
        )
        for kind, scale, settings in product(PAIRED, ("linear", "ratio"), (0, 2, 3))
    ]
    for decided in ("tests", "interval")
    for seed in range(20)
]


@cache
def of_many(decided: str) -> Sequence[tuple[Sequence[Claim], Mapping[str, Estimate]]]:
    """Families that one rule decides, each with what its claims are judged by."""
    families: list[tuple[Sequence[Claim], dict[str, Estimate]]] = []
    for place, claims in enumerate(f for f in FAMILIES if f[0].decided == decided):
        lost, n = place % 3 == 0, (11, 12, 15, 24, 30)[place % 5]
        estimates: dict[str, Estimate] = {}
        for number, claim in enumerate(claims):
            contrasts = [
                drawn(1000 * place + 10 * number + k, claim.kind, lost, claim.scale, n)
                for k in range(3)
            ]
            of_settings = dict(zip(claim.settings, contrasts, strict=False))
            estimates[claim.id] = of_settings or contrasts[0]
        families.append((claims, estimates))
    return families


@cache
def script_of_many(decided: str) -> str:
    """The script of a report that holds these families, judged once."""
    return made_up(*of_many(decided))


@pytest.mark.slow
@pytest.mark.parametrize("decided", ["tests", "interval"])
def test_made_up_families_with_lost_runs_and_settings_get_the_words_of_the_build(
    decided: str, tmp_path: Path
) -> None:
    families = of_many(decided)
    shown = set()
    for times, words in zip(TIMES, by_script(script_of_many(decided), tmp_path), strict=True):
        expected = [by_build(claims, estimates, times) for claims, estimates in families]
        assert words == {name: word for each in expected for name, word in each.items()}, times
        shown |= set(words.values())
    told = {"supported", "supported (at least the margin)", "not supported", "undecided"}
    told |= {"not supported (reversed)", "not supported (real but small)"}
    told |= {"not supported (not in every setting)", "undecided (positive, its size undecided)"}
    assert shown == told | ({"mixed"} if decided == "tests" else {"undecided (they differ)"})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("decided", "old", "new"),
    [
        ("tests", "(p.length - rank) * p[i]", "p.length * p[i]"),
        ("tests", "tests * setting.p(margin)", "setting.p(margin)"),
        ("tests", "reversed && !(p < ALPHA)", "reversed && false"),
        ("tests", "setting.lost || claim.median", "claim.median"),
        ("tests", "setting.lost ? 1 : alike", "setting.lost ? 0 : alike"),
        ("tests", 'word = "mixed"', 'word = "underpowered"'),
        ("interval", "ALPHA / family.claims.length", "ALPHA"),
        ("interval", "equal ? 2 * alpha : alpha", "alpha"),
        ("interval", "alpha / claim.settings.length", "alpha"),
        ("interval", "coins(k, n) <= alpha / 2", "coins(k, n) <= alpha"),
        ("interval", "claim.margin * times", "claim.margin"),
        ("interval", "!lost && atLeast", "atLeast"),
    ],
)
def test_a_fault_of_the_script_is_noticed(decided: str, old: str, new: str, tmp_path: Path) -> None:
    text = RULE.read_text(encoding="utf-8")
    assert text.count(old) == 1
    values, faulty = script_of_many(decided), tmp_path / "rule.js"
    sound = by_script(values, tmp_path)
    faulty.write_text(text.replace(old, new), encoding="utf-8")
    assert by_script(values, tmp_path, rule=faulty) != sound


def words_of(claim: Claim, values: Sequence[float], folder: Path, **more: Any) -> list[str]:
    """The words of one claim alone, on pairs, at each margin."""
    script = made_up(([claim], {claim.id: paired(values)}), **more)
    return [words[anchor(claim.id)] for words in by_script(script, folder)]


def test_a_claim_changes_its_word_as_its_margin_moves(tmp_path: Path) -> None:
    # The mean is 1 and the interval reaches from .9 to 1.1; a margin is half a point.
    claim, values = DIFFERENCE, [0.85, 1.15] * 6
    least, small = "supported (at least the margin)", "not supported (real but small)"
    # Twice the margin is the mean, and no interval lies beyond it.
    assert words_of(claim, values, tmp_path) == [least, "supported", least, least, small, small]
    times = (1.7, 2.0, 2.05, 2.2)
    script = made_up(([claim], {claim.id: paired(values)}))
    words = [each["claim-gain"] for each in by_script(script, tmp_path, times)]
    assert words == [least, "supported", "undecided (positive, its size undecided)", small]


def test_a_claim_of_equality_needs_room_for_its_interval(tmp_path: Path) -> None:
    claim = DIFFERENCE.model_copy(update={"kind": "equivalence", "decided": "interval"})
    words = words_of(claim, [0.85, 1.15] * 6, tmp_path)
    assert words == ["not supported"] * 4 + ["supported"] * 2


def test_what_is_withdrawn_stays_so_and_too_few_pairs_decide_nothing(tmp_path: Path) -> None:
    withdrawn = words_of(DIFFERENCE, [0.85, 1.15] * 6, tmp_path, withdrawn=["gain"])
    assert withdrawn == ["withdrawn"] * len(TIMES)
    open_word = "undecided (positive, its size undecided)"
    few = dict(zip(TIMES, words_of(DIFFERENCE, [0.9, 1.1] * 5, tmp_path), strict=True))
    assert few == dict.fromkeys(TIMES, open_word) | {0.0: "undecided"}


def test_the_median_judges_where_a_claim_says_so(tmp_path: Path) -> None:
    claim = DIFFERENCE.model_copy(update={"decided": "interval", "centre": "median"})
    # One stalled round moves the mean, and no median.
    values = [1.0, 1.1] * 6 + [50.0]
    estimates = {claim.id: paired(values)}
    for times, words in zip(TIMES, by_script(made_up(([claim], estimates)), tmp_path), strict=True):
        assert words == by_build([claim], estimates, times)


def test_the_script_holds_what_is_judged_and_no_digit_that_is_not_published() -> None:
    claim = DIFFERENCE.model_copy(update={"id": "a.b"})
    fit = DIFFERENCE.model_copy(update={"id": "c", "kind": "exact", "margin": 0.0})
    estimates: dict[str, Estimate] = {
        "a.b": paired([1 / 3] * 12),
        "c": Exact(0.0, 3),
    }
    script = made_up(([claim, fit], estimates))
    name, held = script.split(" = ")
    assert name == "globalThis.boardValues"
    assert json.loads(held.rstrip(";\n")) == [
        {
            "byInterval": False,
            "claims": [
                {
                    "id": "claim-a-b",
                    "kind": "difference",
                    "margin": 0.5,
                    "settings": [{"values": [0.3333333333] * 12}],
                }
            ],
        }
    ]


def test_a_claim_that_is_not_judged_is_left_out() -> None:
    quick = judge([DIFFERENCE], {"gain": paired([1.0] * 12)}, "quick")
    with mock.patch("tests.pages.test_board_rule.judge", return_value=quick):
        assert made_up(([DIFFERENCE], {})) == "globalThis.boardValues = [];\n"
