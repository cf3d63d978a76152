"""What describes the published data for others: an RO-Crate, checksums, the schema of a record."""

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bnreport.pages.data.package import data_files, with_descriptions
from bnreport.pages.data.schema import record_schema
from bnreport.pages.library.citation import Citation
from bnreport.records.record import Record
from tests import golden
from tests.synthetic import report

CITED = Citation("bn", ("Ada", "Bo"), "Title", "1.2", "2026-11-01", "abc1234", "https://e.org/")


@lru_cache(maxsize=1)
def described() -> dict[str, str]:
    """Made-up data with what describes them, by path below data/."""
    files = with_descriptions(data_files(report()), CITED)
    return {path.removeprefix("data/"): text for path, text in files.items()}


def entities() -> dict[str, dict[str, Any]]:
    """What the crate says, by the name of each thing."""
    crate = json.loads(described()["ro-crate-metadata.json"])
    return {entity["@id"]: entity for entity in crate["@graph"]}


def test_the_crate_says_of_whom_and_as_of_when_its_files_are() -> None:
    known = entities()
    about = known["ro-crate-metadata.json"]
    assert about["conformsTo"]["@id"].startswith("https://w3id.org/ro/crate/")
    root = known[about["about"]["@id"]]
    assert root["@type"] == "Dataset"
    assert (root["datePublished"], root["version"]) == ("2026-11-01", "1.2")
    assert [known[author["@id"]]["name"] for author in root["author"]] == ["Ada", "Bo"]
    assert known[root["license"]["@id"]]["identifier"] == "MIT"
    assert root["name"]
    assert root["description"]


def test_the_crate_has_exactly_the_files_that_there_are() -> None:
    known = entities()
    parts = [part["@id"] for part in known["./"]["hasPart"]]
    assert sorted(parts) == sorted(
        described().keys() - {"ro-crate-metadata.json", "SHA256SUMS.txt"}
    )
    for path in parts:
        content = described()[path].encode()
        assert known[path]["@type"] == "File"
        size = None if path == "claims.json" else str(len(content))
        assert known[path].get("contentSize") == size, path
        assert known[path]["sha256"] == hashlib.sha256(content).hexdigest(), path
        assert known[path]["name"], path


def test_everything_that_the_crate_refers_to_is_in_it() -> None:
    known = entities()

    def references(value: Any) -> Iterator[str]:
        if isinstance(value, list):
            for each in value:
                yield from references(each)
        elif isinstance(value, dict):
            yield from (value["@id"],) if value.keys() == {"@id"} else ()

    for entity in known.values():
        for field in entity.values():
            outside = {each for each in references(field) if not each.startswith("https://w3id")}
            assert outside <= known.keys()


def test_the_checksums_are_those_of_all_other_files() -> None:
    lines = described()["SHA256SUMS.txt"].splitlines()
    listed = {path: digest for digest, path in (line.split("  ") for line in lines)}
    assert listed == {
        path: hashlib.sha256(text.encode()).hexdigest()
        for path, text in described().items()
        if path != "SHA256SUMS.txt"
    }


def test_a_crate_of_nobody_knows_whom_is_still_whole() -> None:
    files = with_descriptions(data_files(report()), None)
    root = {
        entity["@id"]: entity
        for entity in json.loads(files["data/ro-crate-metadata.json"])["@graph"]
    }["./"]
    assert root["author"] == []
    assert "datePublished" not in root


def test_the_licence_is_that_of_the_repository() -> None:
    licence = Path(__file__).parents[2] / "LICENSE"
    assert described()["LICENSE.txt"] == licence.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(record_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.slow
def test_a_record_of_every_kind_fits_the_schema() -> None:
    checked = set()
    for edition in golden.report().editions():
        for record in edition.records.values():
            kind = edition.study.edition.name, record.identity.trial.kind, record.diverged
            if kind not in checked:
                checked.add(kind)
                faults = [
                    str(fault) for fault in validator().iter_errors(json.loads(record.sealed()))
                ]
                assert not faults, (kind, faults[:1])
    assert {kind for _, kind, _ in checked} >= {"train", "recipe", "timing", "toy", "facts"}


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.pop("digest"),
        lambda record: record.pop("history"),
        lambda record: record.update(digest="short"),
        lambda record: record.update(luck=1),
        lambda record: record["identity"].pop("seed"),
        lambda record: record["identity"]["trial"].update(learning_rate=-1),
        lambda record: record["provenance"].update(device="a\nb"),
        lambda record: record["history"].update(val_loss="low"),
    ],
)
def test_a_record_that_is_altered_does_not(
    make_record: Callable[..., Record], change: Callable[[dict[str, Any]], object]
) -> None:
    record = json.loads(make_record().sealed())
    assert validator().is_valid(record)
    change(record)
    assert not validator().is_valid(record)
