"""What another implementation found is read like a stranger's file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bnreport.errors import RecordError
from bnreport.protocol.frozen import digest
from bnreport.records import reimplementation
from bnreport.records.archive import Archive
from bnreport.records.layout import Layout

Content = dict[str, Any]


def content() -> Content:
    """Two batch sizes at two seeds, not in their order."""
    return {
        "protocol": {
            "epochs": 4,
            "epsilon": 0.001,
            "images": 20,
            "images_of_statistics": 10,
            "rate": 0.1,
            "validation_images": 5,
            "widths": [784, 300, 100, 10],
        },
        "runs": [
            {"accuracy": scores(0.01 * seed + 0.001 * size), "batch_size": size, "seed": seed}
            for size in (4, 2)
            for seed in (9, 8)
        ],
        "versions": {"torch": "2"},
    }


def scores(lost: float) -> dict[str, float]:
    """Accuracies, of which those by averages of momentum 0.99 are so much lower."""
    return {"fresh": 0.8, "m0.9": 0.75, "m0.99": 0.8 - lost, "update_bn": 0.8}


def write(path: Path, found: Content, **changes: Any) -> None:
    """Write the content with its digest, and change it then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found | {"digest": digest(found)} | changes), encoding="utf-8")


def test_the_costs_of_a_batch_size_come_by_rising_seed(tmp_path: Path) -> None:
    path = tmp_path / "results" / "replicas" / "pytorch" / "toy.json"
    write(path, content())
    layout = Layout(tmp_path)
    assert layout.made_from("toy", "full") == [path]
    found = Archive(layout, print).reimplementations("toy")["pytorch"]
    assert found.seeds == (8, 9)
    np.testing.assert_allclose(found.cost(2, "m0.99"), [8.2, 9.2])
    np.testing.assert_allclose(found.cost(4, "m0.99"), [8.4, 9.4])
    np.testing.assert_allclose(found.cost(4, "m0.9"), [5.0, 5.0])
    with pytest.raises(RecordError, match=r"\[2, 4\].*Received: 3\."):
        found.cost(3, "m0.9")


def changed(change: Callable[[Content], object]) -> Content:
    """The content after a change."""
    found = content()
    change(found)
    return found


def with_run(**fields: Any) -> Content:
    """The content whose last run has other fields."""
    return changed(lambda found: found["runs"][-1].update(fields))


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (with_run(seed=9), "a run is there twice"),
        (with_run(seed=7), "batch sizes have not the same seeds"),
        (with_run(seed=-1), "seed should be greater than or equal to 0"),
        (with_run(accuracy=scores(-0.3)), r"m0\.99 should be less than or equal to 1"),
        (with_run(accuracy={"fresh": 0.5}), "should have at least 4 items"),
        (with_run(accuracy=scores(0) | {"m0.5": 0.5}), r"m0\.5"),
        (changed(lambda found: found.update(versions={"torch": "<b>"})), r"versions\.torch "),
        (with_run(loss=1.0), "loss is not a field of it"),
        (changed(lambda found: found.pop("protocol")), "protocol is missing"),
        (changed(lambda found: found.update(runs=[])), "fewer than 2 seeds"),
        (changed(lambda found: found.update(runs=found["runs"][::2])), "fewer than 2 seeds"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, found: Content, reason: str) -> None:
    path = tmp_path / "toy.json"
    write(path, found)
    with pytest.raises(RecordError, match=rf"toy\.json\. Received: .*{reason}.*Restore"):
        reimplementation.read(path)


def test_what_was_altered_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "toy.json"
    write(path, content(), versions={"torch": "3"})
    with pytest.raises(RecordError, match="another digest than that of its content"):
        reimplementation.read(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Expecting property name"),
        ("[]", "no object"),
        ('{"runs": 1, "runs": 2}', "a key twice: 'runs'"),
        ('{"versions": NaN}', "NaN is not a number"),
        ("[" * 150_000, "recursion"),
        (" " * 200_001, "200,001 bytes"),
    ],
    ids=["torn", "no object", "twice", "nan", "deep", "long"],
)
def test_what_is_no_such_file_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "toy.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=rf"Received: .*{reason}"):
        reimplementation.read(path)
