"""The script of the piece reads, judges and tells as Python does, on logs of every kind."""

import gzip
import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bnreport.analysis.curves.band import packed
from bnreport.analysis.curves.handed import NAME, TEXTS, case, handed
from bnreport.analysis.curves.judging import judge
from bnreport.analysis.curves.reading import decoded, read
from bnreport.errors import DataError
from bnreport.randomness import generator
from bnreport.studies.mistakes.comparison import example
from tests import printouts
from tests.pages.test_board_rule import NODE
from tests.studies.test_stories import ours
from tests.synthetic import DOCS

PIECES = DOCS / "assets" / "pieces"
RUNNER = Path(__file__).with_name("compare.mjs")


def off(given: Mapping[str, Any], folder: Path) -> list[float | None]:
    """By how much the script misses each case; None where it says something else."""
    found: list[float | None] = ran(given, folder)
    return found


def ran(given: Mapping[str, Any], folder: Path) -> Any:
    """What the script writes of what it is handed."""
    path = folder / "handed.json"
    path.write_text(json.dumps(given), encoding="utf-8")
    scripts = (PIECES / "shared.js", PIECES / "compare.js")
    command = [*map(str, (NODE, RUNNER, *scripts, path))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def given() -> dict[str, Any]:
    return dict(handed(ours(), example()))


def logs() -> Iterator[str]:
    """Yield runs of every story, of every length, in every form; some a little off."""
    rng = generator(5, "logs for the script")
    forms = [*printouts.FORMS.values()]
    for at, (name, shelf) in enumerate(ours().shelves.items()):
        for i in (1, 7):
            epochs = shelf.runs[i, : int(rng.integers(1, shelf.runs.shape[1] + 1))]
            moved = (epochs + rng.normal(0, 0.002, epochs.shape) * (i > 1)).clip(0, None).round(4)
            moved[:, 1::2] = moved[:, 1::2].clip(0, 1)
            code = "Dense(3)\nSGD(learning_rate=0.01)\n" * ("bn" not in name)
            text = forms[(at + i) % len(forms)](moved.tolist())
            yield text if text[:1] in "{e" else code + text


def broken() -> Iterator[str]:
    """Yield logs with a piece cut out, a sign exchanged, or two put together."""
    rng = generator(6, "broken logs for the script")
    whole = [example(), *TEXTS[:-1], printouts.notebook(("Dense(2)", TEXTS[2]))]
    whole += [f"[INFO] begun\nSGD(lr=1e999)\n{example()}"]
    for text in whole:
        for _ in range(6):
            start, end = sorted(rng.integers(0, len(text) + 1, 2).tolist())
            sign = rng.choice([*"\n\r\b0-1.eE/,;:{}[]\"' nait\x1b"])
            yield text[:start] + (str(sign) if rng.random() < 0.6 else "") + text[end:]
            yield text[:start] + str(sign) + text[start + 1 :]


def test_the_script_repeats_every_case_that_it_is_handed(tmp_path: Path) -> None:
    found = off(given(), tmp_path)
    assert len(found) == len(TEXTS) + 1
    assert all(by is not None and by < 1e-9 for by in found), found


def test_the_script_judges_runs_of_every_story_as_python_does(tmp_path: Path) -> None:
    cases = [case(text, ours()) for text in logs()]
    said = {run["said"][0] for each in cases for run in each.get("runs", [])}  # type: ignore[attr-defined]
    assert {"healthy", "stories"} <= said
    found = off({**given(), "witnesses": cases}, tmp_path)
    assert all(by is not None and by < 1e-9 for by in found), found


def test_the_script_reads_and_refuses_broken_logs_as_python_does(tmp_path: Path) -> None:
    # How JSON is broken each language says in its own words.
    cases = [each for each in map(_case, broken()) if "JSON. Received" not in str(each)]
    assert sum("refused" in each for each in cases) > 20
    assert sum("runs" in each for each in cases) > 50
    found = off({**given(), "witnesses": cases}, tmp_path)
    assert [
        (each["text"], each.get("refused"))
        for each, by in zip(cases, found, strict=True)
        if by is None or by >= 1e-9
    ] == []


def test_the_script_decodes_and_refuses_files_as_python_does(tmp_path: Path) -> None:
    log = "Epoch 1/1\n1/1 - loss: 0.5 – ü"
    encodings = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le")
    whole = [log.encode(name) for name in encodings]
    files = [*whole, *(content[:-1] for content in whole), b"", b"E", b"\xe9\xff", b"\xff\xfe"]
    files += [b"\xfe\xff" + whole[4], b"\xef\xbb\xbf" + whole[1], b"\xff\xfe\x00\xd8", b"\0\0"]
    expected = [_decoded(content) for content in files]
    assert expected.count(log) == 3
    assert {text.partition("Received: ")[2] for text in expected} == {
        "",
        "UTF-16 that is damaged. Save it as UTF-8.",
        "UTF-16 without a mark. Save it as UTF-8.",
        "UTF-32. Save it as UTF-8.",
    }
    assert ran({**given(), "files": [content.hex() for content in files]}, tmp_path) == expected


def _decoded(content: bytes) -> str:
    try:
        return decoded(content, NAME)
    except DataError as error:
        return str(error)


def _case(text: str) -> Mapping[str, object]:
    return case(text, ours())


# What JSON can hold in place of a loss or an accuracy.
VALUES = (
    *("0", "1", "1.0", "-0.0", "1e-7", "-1e-7", "-0.00001", "87", "87.0", "87.5", "1e16", "1e21"),
    *("1" * 25, "1" * 40, "1" * 400, "9007199254740993", "1e400", "-1e400", "true", "null", "NaN"),
    *('"0.5"', '"half"', "[]", "[1, 2]", "{}", "-Infinity", "123456789012345680000", "-2.5e-5"),
)


def test_the_script_reads_values_of_json_as_python_does(tmp_path: Path) -> None:
    texts = [f'{{"{name}": [{value}]}}' for value in VALUES for name in ("loss", "accuracy")]
    texts += ['{"history": null}', '{"history": {"loss": [0.5]}}', '{"history": []}']
    cases = [_case(text) for text in texts]
    found = off({**given(), "witnesses": cases}, tmp_path)
    # Distances of such losses are large; what is read and said is the same.
    assert [each for each, by in zip(cases, found, strict=True) if by is None] == []


def test_a_case_that_differs_is_noticed(tmp_path: Path) -> None:
    wrong = [dict(each) for each in json.loads(json.dumps(given()["witnesses"]))]
    wrong[0]["runs"][0]["numbers"][0] += 0.1
    wrong[1]["runs"][0]["said"][2] += "."
    wrong[2]["runs"][0]["as_far"][0][1] += 1
    wrong[3]["runs"][0]["read"][4] = 99
    wrong[12]["refused"] = "log: no"
    found = off({**given(), "witnesses": wrong}, tmp_path)
    assert found[0] == pytest.approx(0.1)
    assert [found[at] for at in (1, 2, 3, 12)] == [None] * 4
    assert all(by is not None for by in found[4:12])


def test_the_band_is_small() -> None:
    text = json.dumps(packed(ours()), separators=(",", ":"))
    assert len(gzip.compress(text.encode(), 9)) <= 25_000
    assert len(gzip.compress(json.dumps(given()).encode(), 9)) <= 35_000


def test_what_is_handed_is_json_and_the_example_is_the_notebook() -> None:
    assert json.loads(json.dumps(given(), allow_nan=False))
    baseline, bn = read(example(), NAME)
    assert judge(baseline, ours(), baseline.net, baseline.rate).fitting[0].rate == 0.01
    assert judge(bn, ours(), bn.net, bn.rate).fitting[0].kind == "replayed"
    with pytest.raises(DataError):
        read(TEXTS[-1], NAME)
