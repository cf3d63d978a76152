"""verify.py judges the published claims again, and names what was altered."""

import json
import math
import shutil
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from bnreport.analysis.display import NOT_SURE, REFUTED, Qualifier
from bnreport.analysis.judge import judge
from bnreport.pages.data.package import data_files
from bnreport.protocol.claims import Claim
from bnreport.statistics import estimates, intervals, power, significance
from bnreport.statistics.estimates import Estimate, Fit
from bnreport.statistics.significance import holm, sign_flip_p
from docs.downloads import metrics, verify
from tests.analysis.test_judge import DIFFERENCE, FIT
from tests.synthetic import report
from tests.verifiers import published
from tests.verifiers.published import alter_claim, alter_table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data of a small study, as a site has them."""
    return published.write(tmp_path, published.of_study("memorization"))


@pytest.mark.slow
def test_every_claim_of_the_site_is_judged_the_same_again(tmp_path: Path) -> None:
    published.write(tmp_path, published.files())
    status, (line,) = published.run("verify.py", tmp_path)
    judged = published.files()["claims.json"].count('"decided":')
    assert line == f"verify: {judged} claims judged again. Differences: 0."
    assert status == 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zip", "gztar"])
def test_an_archive_of_the_site_is_read_like_its_folder(
    kind: str, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = str(tmp_path_factory.mktemp("packed") / "site")
    archive = shutil.make_archive(name, kind, folder.parent, folder.name)
    assert published.run("verify.py", archive) == published.run("verify.py", folder)


def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What it says, but for its last line; it must say so by its status, too."""
    status = verify.main([str(folder)])
    *lines, last = capsys.readouterr().out.splitlines()
    assert status == bool(lines)
    assert last.endswith(f"Differences: {len(lines)}.")
    return lines


def of(claim: str, **changes: Any) -> Callable[[Path], None]:
    return lambda folder: alter_claim(folder, claim, **changes)


def first_value(folder: Path) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        row = next(row for row in rows if row["claim"] == "memorization-bn")
        row["value"] = f"9{row['value']}"

    alter_table(folder, "values.csv", change)


@pytest.mark.parametrize(
    ("alter", "words"),
    [
        (of("memorization-bn", verdict="not supported"), "verdict is published as not supported"),
        (of("memorization-bn", effect=1.0), "effect is published as 1.0"),
        (of("memorization-bn", low=0.001), "low is published as 0.001"),
        (of("memorization-bn", high=None), "high is published as none"),
        (of("memorization-bn", p=0.04), "p is published as 0.04"),
        (of("memorization-bn", p_value=0.04), "p_value is published as 0.04"),
        (of("memorization-bn", family=7), "family is published as 7"),
        (of("memorization-bn", n=11), "n is published as 11"),
        (of("memorization-bn", reversed=True), "reversed is published as True"),
        (of("memorization-bn", margin=99.0), "verdict is published as supported"),
        (first_value, "effect is published as"),
        (of("memorization-bn", shown="supported"), "shown is published as supported, found"),
        (of("memorization-bn", shown="withdrawn"), "shown is published as withdrawn, found"),
        (of("memorization-bn", corrected="2026: no"), "corrected is published as 2026: no"),
        (of("memorization-bn", published="supported"), "published is published as supported"),
        (of("memorization-bn", interval="seeds"), "interval is published as seeds, found t"),
        (of("memorization-bn", level=0.99), "level is published as 0.99, found 0.95"),
        (of("memorization-bn", detectable=0.001), "detectable is published as 0.001, found"),
        (of("memorization-bn", detectable=None), "detectable is published as None, found"),
        (
            of("memorization-bn", verdict="not judged"),
            "values.csv has rows of it, and claims.json no verdict",
        ),
    ],
)
def test_what_was_altered_is_named(
    alter: Callable[[Path], None],
    words: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert not told(folder, capsys)
    alter(folder)
    published.seal(folder)
    lines = told(folder, capsys)
    assert any(line.startswith(f"memorization-bn: {words}") for line in lines), lines


@pytest.mark.parametrize("field", verify.WORDS)
def test_another_way_of_judging_than_there_is_is_refused(
    field: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alter_claim(folder, "memorization-bn", **{field: "by hand"})
    published.seal(folder)
    (line,) = told(folder, capsys)
    assert line == f"claims.json: cannot be read: memorization-bn has {field} 'by hand'"


def test_a_file_that_is_missing_changed_or_new_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = folder / "data"
    text = (data / "memorization.csv").read_text(encoding="utf-8")
    (data / "memorization.csv").write_text(text.replace("0.5", "0.6", 1), encoding="utf-8")
    (data / "printed.csv").unlink()
    (data / "more.csv").write_text("a\n1\n", encoding="utf-8")
    assert told(folder, capsys) == [
        "memorization.csv: the file has another digest than SHA256SUMS.txt says",
        "printed.csv: the file is missing, which SHA256SUMS.txt lists",
        "more.csv: SHA256SUMS.txt does not list the file",
    ]


@pytest.mark.parametrize("name", ["values.csv", "SHA256SUMS.txt", "claims.json"])
def test_without_a_file_that_it_needs_it_says_which(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "data" / name).unlink()
    assert any(name in line for line in told(folder, capsys))


def test_a_changed_setting_is_named_and_so_is_one_that_is_wrongly_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = published.write(tmp_path, published.of_study("depth"))
    assert not told(folder, capsys)
    (claim, *_) = [c for c in verify.claims_of(verify.Site(folder)) if c["settings"]]
    settings = [dict(setting) for setting in claim["settings"]]
    other = next(each for each in settings if each["setting"] != claim["setting"])
    settings[-1]["high"] = 77.0
    alter_claim(folder, claim["id"], settings=settings, setting=other["setting"])
    published.seal(folder)
    lines = told(folder, capsys)
    assert f"{claim['id']}: {settings[-1]['setting']}: high is published as 77.0" in str(lines)
    assert f"{claim['id']}: setting is published as {other['setting']}" in str(lines)


def test_what_images_add_to_an_interval_is_reckoned_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = published.write(tmp_path, published.of_study("alternatives"))
    assert not told(folder, capsys)

    def change(rows: list[dict[str, str]]) -> None:
        rows[0]["images_square"] = "99999"

    alter_table(folder, "images.csv", change)
    published.seal(folder)
    lines = told(folder, capsys)
    assert any("low is published as" in line for line in lines), lines
    alter_table(folder, "images.csv", lambda rows: rows.__delitem__(0))
    published.seal(folder)
    assert any("images.csv has no row" in line for line in told(folder, capsys))


def test_fits_and_identities_are_judged_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = published.write(tmp_path, published.of_study("notebook"))
    assert not told(folder, capsys)
    alter_claim(folder, "a-rate-0.01", p=0.5, effect=0.1)
    published.seal(folder)
    lines = told(folder, capsys)
    assert any(line.startswith("a-rate-0.01: p is published as 0.5") for line in lines)
    published.write(folder, published.of_study("identities"))
    assert not [line for line in told(folder, capsys) if line.startswith("identities-")]
    alter_claim(folder, "identities-bias-before", effect=1.0)
    assert any(
        line.startswith("identities-bias-before: verdict is published as supported")
        for line in told(folder, capsys)
    )


@pytest.mark.parametrize(
    ("n", "distance", "word"),
    [
        (19, 5.0, "underpowered"),
        (19, 1.0, "underpowered"),
        (20, 5.0, "supported"),
        (20, 1.0, "not supported"),
    ],
)
def test_a_fit_by_fewer_than_twenty_runs_has_too_few(n: int, distance: float, word: str) -> None:
    # Either all runs lie farther off than the printed curve or none does.
    p = 1.0 if distance > 3.5 else 1 / (n + 1)
    estimate = Fit(largest_z=3.5, rms=1.0, p=p, n=n, offset=0)
    assert judge([FIT], {FIT.id: estimate}, "full")[FIT.id].word == word
    claim = {
        "id": "curve",
        "kind": "fit",
        "verdict": word,
        "shown": verify.told(word),
        "effect": 3.5,
        "n": n,
        "p": p,
        "p_value": p,
        "reversed": False,
        **dict.fromkeys(("low", "high", "interval", "level", "detectable")),
        **dict.fromkeys(("corrected", "published")),
    }
    distances = np.full(n, distance)
    assert not [*verify.check_fit(claim, distances)]
    (line, *_) = verify.check_fit({**claim, "verdict": "mixed"}, distances)
    assert line == f"curve: verdict is published as mixed, found {word}"


# What readers see, of every word that there is: by claims of the site.


def stated() -> dict[str, dict[str, Any]]:
    """One claim of each word that readers see, by that and how it was decided."""
    found: dict[str, dict[str, Any]] = {}
    for claim in json.loads(published.files()["claims.json"]):
        found.setdefault(f"{claim['decided']}: {claim['shown']}", claim)
    return found


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The families of these claims."""
    whole = published.files()
    of_each = {claim["together"] for claim in stated().values()}
    claims = [c for c in json.loads(whole["claims.json"]) if c["together"] in of_each]
    ids = {claim["id"] for claim in claims}
    texts = {name: published.rows_of(whole[name], "claim", ids) for name in ("values.csv",)}
    texts["images.csv"] = whole["images.csv"]
    folder = tmp_path_factory.mktemp("families")
    return published.write(folder, {"claims.json": json.dumps(claims), **texts})


@pytest.mark.slow
def test_every_word_that_readers_see_is_worked_out_and_another_is_named(
    families: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not told(families, capsys)
    known = stated()
    words = sorted({each["shown"] for each in known.values()})
    for place, claim in enumerate(known.values()):
        others = {"withdrawn", words[place % len(words)], words[(5 * place + 3) % len(words)]}
        for shown in sorted(others - {claim["shown"]}):
            alter_claim(families, claim["id"], shown=shown)
            published.seal(families)
            lines = told(families, capsys)
            assert any(line.startswith(f"{claim['id']}: ") for line in lines), (claim["id"], shown)
        alter_claim(families, claim["id"], shown=claim["shown"])
    # All of them, corrected, withdrawn and mixed ones too.
    assert len(known) >= 16


def test_it_knows_every_qualifier_of_the_site() -> None:
    source = Path(verify.__file__).read_text(encoding="utf-8")
    assert not [q for q in get_args(Qualifier) if q and f'"{q}"' not in source]
    assert verify.CORRECTIONS[0] == REFUTED
    assert NOT_SURE.startswith(verify.CORRECTIONS[1])


def test_a_claim_by_intervals_has_a_level_and_an_effect_that_are_worked_out() -> None:
    d = np.linspace(0.1, 1.9, 12)
    claim = {"kind": "difference", "scale": "linear", "margin": 0.5, "centre": "mean"}
    claim |= {"decided": "interval"}
    found = verify.decide(claim, {"diverged": 0, "censored": 0}, d, 1, 8)
    assert found.detectable == pytest.approx(power.detectable(d, 0.05 / 8))
    lost = verify.decide(claim, {"diverged": 1, "censored": 0}, d, 1, 8)
    assert (lost.detectable, lost.lost) == (None, True)
    # Half of the runs lost on either side.
    with np.errstate(invalid="ignore"):
        assert verify.middle(np.array([-np.inf, np.inf])) == 0.0


def test_a_setting_with_a_lost_run_is_the_weakest_of_an_equality() -> None:
    kept = verify.Recomputed(0.0, -2.0, 2.0, None, 12, verify.BY_MEAN)
    lost = verify.Recomputed(0.0, -1.0, 1.0, None, 12, verify.BY_RANKS, lost=True)
    claim = {"decided": "interval", "kind": "equivalence"}
    assert verify.weakest(claim, [kept, lost]) == 1
    assert verify.weakest(claim, [lost, kept]) == 0


# A damaged download.


def written(name: str, content: bytes) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / "data" / name).write_bytes(content)

    return damage


def half(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / "data" / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return damage


def without(*fields: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / "data" / "claims.json"
        claims = json.loads(path.read_text(encoding="utf-8"))
        claims[0] = {name: value for name, value in claims[0].items() if name not in fields}
        path.write_text(json.dumps(claims), encoding="utf-8")

    return damage


def value(text: str) -> Callable[[Path], None]:
    def change(rows: list[dict[str, str]]) -> None:
        rows[0]["value"] = text

    return lambda folder: alter_table(folder, "values.csv", change)


DAMAGES = {
    "half of the claims": (half("claims.json"), "claims.json: cannot be read: Unterminated"),
    "no claims": (written("claims.json", b""), "claims.json: cannot be read: Expecting value"),
    "no list": (written("claims.json", b"{}"), "claims.json: cannot be read: no list"),
    "no objects": (written("claims.json", b"[7]"), "cannot be read: entry 1 is no object"),
    "no settings": (without("settings"), "cannot be read: entry 1 has no settings"),
    "another type": (
        of("memorization-bn", settings="7"),
        "has settings '7'",
    ),
    "no number": (of("memorization-bn", effect=math.nan), "NaN is not a number of JSON"),
    "deep": (written("claims.json", b"[" * 100_000), "claims.json: cannot be read: "),
    "no UTF-8": (
        written("claims.json", b"\xff[]"),
        "claims.json: cannot be read: no text in",
    ),
    "no UTF-8 in a table": (
        written("values.csv", b"\xff"),
        "values.csv: cannot be read: no text in",
    ),
    "half of the values": (half("values.csv"), "values.csv: cannot be read: "),
    "no values": (written("values.csv", b""), "values.csv"),
    "no column": (
        written("values.csv", b"a,b\n1,2\n"),
        "values.csv: cannot be read: no column claim",
    ),
    "a NUL": (value("\0"), "values.csv"),
    "no sums": (written("SHA256SUMS.txt", b"7\n"), "SHA256SUMS.txt: "),
    "no digests": (written("SHA256SUMS.txt", b"\xff"), "SHA256SUMS.txt: cannot be read: "),
}


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("program", [verify, metrics])
def test_a_damaged_download_is_told_in_sentences(
    program: types.ModuleType, kind: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage, words = DAMAGES[kind]
    for sealed in (False, True):
        damage(folder)
        if sealed and kind not in {"no sums", "no digests"}:
            published.seal(folder)
        assert program.main([str(folder)]) == 1
        said = capsys.readouterr()
        assert not said.err
        assert words in said.out
        *lines, last = said.out.splitlines()
        assert last.partition("Differences: ")[2].startswith(f"{len(lines)}.")
        assert all(line.isprintable() and len(line) < 400 for line in lines)


@pytest.mark.parametrize("program", [verify, metrics])
def test_an_archive_that_was_cut_is_told_in_a_sentence(
    program: types.ModuleType, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("zip", "gztar"):
        archive = Path(shutil.make_archive(str(folder.parent / "cut"), kind, folder))
        content = archive.read_bytes()
        damaged = content[: len(content) // 2] + b"\xff" * 99 + content[len(content) // 2 + 99 :]
        for cut in (content[: len(content) // 2], damaged):
            archive.write_bytes(cut)
            assert program.main([str(archive)]) == 1
            said = capsys.readouterr()
            assert said.out.count("\n") >= 1
            assert not said.err


def test_more_pairs_than_signs_can_flip_are_judged_like_those_of_the_judge() -> None:
    d = np.random.default_rng(1).normal(0.3, 1.0, 48)
    assert verify.sign_flips(d) == pytest.approx(estimates.paired(d).p)


def test_a_quick_site_has_no_verdict_to_judge_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = data_files(report(profile="quick"))
    published.write(tmp_path, {path.removeprefix("data/"): t for path, t in texts.items()})
    for program in (verify, metrics):
        assert not program.main([str(tmp_path)])
        assert "0 claims" in capsys.readouterr().out


def test_it_asks_for_one_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([]) == 2
    assert "verify.py SITE" in capsys.readouterr().err
    assert verify.main(["/nowhere"]) == 1
    assert "Expected a folder, a zip or a tar" in capsys.readouterr().out


# Written apart from the code that judges, its functions agree with that on any numbers.


@pytest.mark.parametrize("n", [2, 5, 6, 7, 12, 13, 20])
def test_its_statistics_agree_with_those_that_judge(n: int) -> None:
    d = np.random.default_rng(n).normal(0.3, 1.0, n)
    interval = intervals.t_interval(d)
    assert verify.t_interval(d) == pytest.approx((interval.low, interval.high))
    assert verify.sign_flips(d) == sign_flip_p(d)
    median = intervals.median_interval(d)
    assert verify.median_interval(d) == (median.low, median.high)
    assert verify.two_one_sided(d, 0.5) == significance.equivalence_p(d.tolist(), 0.5)
    assert verify.sign_test(d) == pytest.approx(estimates.paired(d, diverged=1).p)
    p = np.random.default_rng(n).random(n).tolist()
    assert verify.holm(p) == holm(p)


def decided_by_interval(claim: Claim, estimate: Estimate, others: int) -> tuple[Any, Any]:
    """A claim's verdict as the judge gives it and as it is published, in a family of so many."""
    family = [claim.model_copy(update={"id": f"other-{i}", "settings": ()}) for i in range(others)]
    far = estimates.paired(np.linspace(-9, 9, 12))
    verdict = judge(
        [claim, *family], {claim.id: estimate} | {each.id: far for each in family}, "full"
    )[claim.id]
    published = {
        "kind": claim.kind,
        "scale": claim.scale,
        "margin": claim.margin,
        "centre": claim.centre,
        "family": verdict.family,
        "diverged": verdict.diverged,
        "censored": verdict.censored,
    }
    return verdict, published


@pytest.mark.parametrize("more", [0.0, 0.5, 9.0])
@pytest.mark.parametrize("n", [2, 12])
def test_its_interval_over_seeds_and_images_is_that_which_judges(n: int, more: float) -> None:
    generator = np.random.default_rng(n)
    cells = generator.normal(0, 1, (n, 30)) + more * generator.normal(0, 1, 30)
    squares = intervals.mean_squares(cells)
    found = verify.crossed_interval(
        cells.mean(axis=1), verify.Squares(30, squares.images, squares.rest)
    )
    interval = intervals.crossed_interval(cells)
    assert found == pytest.approx((interval.low, interval.high))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["difference", "equivalence"])
@pytest.mark.parametrize("others", [0, 3])
@pytest.mark.parametrize(("lost", "centre"), [(0, "mean"), (1, "mean"), (0, "median")])
def test_it_decides_by_the_same_interval(kind: str, others: int, lost: int, centre: str) -> None:
    claim = DIFFERENCE.model_copy(update={"decided": "interval", "kind": kind, "centre": centre})
    words = set()
    for seed in range(60):
        generator = np.random.default_rng(seed)
        d = generator.normal(generator.uniform(-1.5, 1.5), generator.uniform(0.1, 1.0), 12)
        estimate = estimates.paired(d, diverged=lost)
        verdict, published = decided_by_interval(claim, estimate, others)
        found = verify.decide(published, published, d, 1, others + 1)
        assert found.word == verdict.word
        assert (found.low, found.high) == pytest.approx((verdict.low, verdict.high))
        words.add(found.word)
    alike_and_lost = kind == "equivalence" and lost
    assert words == {"supported", "not supported", "underpowered"} - (
        {"supported"} if alike_and_lost else set()
    )


def test_it_refutes_a_claim_on_settings_by_one_of_them_at_the_same_level() -> None:
    claim = DIFFERENCE.model_copy(update={"decided": "interval", "settings": ("a", "b", "c")})
    words = set()
    for seed in range(80):
        generator = np.random.default_rng(seed)
        means = generator.uniform(0.2, 1.2, 3)
        d = {name: generator.normal(mean, 0.4, 12) for name, mean in zip("abc", means, strict=True)}
        estimate = {name: estimates.paired(each) for name, each in d.items()}
        verdict, published = decided_by_interval(claim, estimate, 1)
        found = [verify.decide(published, published, each, 3, 2) for each in d.values()]
        assert [each.word for each in found] == [f.word for f in verdict.findings.values()]
        assert verify.together(found) == verdict.word
        words.add(verdict.word)
    assert words == {"supported", "not supported", "underpowered"}
