"""What is kept of compiled programs is read only where the same would be compiled again."""

from importlib import metadata
from pathlib import Path

import pytest

from bnreport import machine
from tests.compiled import PLAIN, QUICK, USUAL, environment, tidy


def test_programs_of_other_flags_lie_apart(tmp_path: Path) -> None:
    kept = {environment(flags, tmp_path)["TF_XLA_FLAGS"] for flags in (USUAL, QUICK, PLAIN)}
    assert len(kept) == 3
    assert all(str(tmp_path) in flag for flag in kept)


@pytest.mark.parametrize("changed", ["processor", "version"])
def test_programs_of_another_processor_or_library_lie_apart(
    changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = environment(QUICK, tmp_path)["TF_XLA_FLAGS"]
    if changed == "processor":
        monkeypatch.setattr(machine, "processor", lambda: "another")
    else:
        monkeypatch.setattr(metadata, "version", lambda _: "99.0")
    assert environment(QUICK, tmp_path)["TF_XLA_FLAGS"] != before


def test_nothing_is_kept_where_tensorflow_would_part_the_path_at_a_space(tmp_path: Path) -> None:
    assert environment(QUICK, tmp_path / "my checkout")["TF_XLA_FLAGS"] == ""


def test_too_many_programs_are_removed_and_few_stay(tmp_path: Path) -> None:
    kept = tmp_path / "compiled" / "jax" / "program"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(bytes(10))
    tidy(tmp_path / "compiled", most=10)
    assert kept.exists()
    tidy(tmp_path / "compiled", most=9)
    assert not (tmp_path / "compiled").exists()
    # Where nothing was ever kept there is nothing to do.
    tidy(tmp_path / "compiled")
