"""Names that a sentence of an error tells."""

import pytest

from bnreport.analysis.soundness import _odd
from bnreport.errors import FEW, BnreportError, nearest
from bnreport.records.collection import Records

MANY = [f"{arm}-{rate}" for arm in ("bn", "raw", "std", "ln") for rate in (0.01, 0.1, 1)]


def test_a_few_names_are_told_one_and_all_and_of_many_the_nearest() -> None:
    assert nearest("d", ["a", "b", "a"]) == "a, b"
    assert nearest("x", map(str, range(FEW))).count(",") == FEW - 1
    told = nearest("raw-0.2", MANY)
    assert told.startswith("raw-0.")
    assert told.endswith(f" and {len(MANY) - 3} more")
    assert nearest("\u2603", MANY).endswith(f" and {len(MANY) - 3} more")
    assert nearest("a", []) == ""


def test_a_slip_in_many_names_is_one_sentence() -> None:
    (told,) = _odd("a trial", MANY, [f"bm-{place}" for place in range(8)])
    assert told.startswith("Expected a trial: bn-")
    assert "Received: 'bm-0', 'bm-1', 'bm-2' and 5 more. Use one of these." in told
    assert len(told) < 150
    (none,) = _odd("a trial", [], ["a"])
    assert "none, for there is none" in none
    assert not [*_odd("a trial", MANY, MANY)]


def test_an_unknown_trial_is_told_with_the_nearest() -> None:
    records = Records("full", {name: {} for name in MANY})
    with pytest.raises(BnreportError, match=r"trial of the study: ln-.*more\. Received: 'ln-3'"):
        records.tuning("ln-3")
