"""Equal values have one fingerprint, and others another."""

from dataclasses import replace

import numpy as np
import pytest

from bnreport.pages.fingerprint import fingerprint
from bnreport.presentation.plots import Crosses, Dots, Row

ROW = Row("BN", "bn", np.array([1.0, 2.0]), 1.0, 1.5, 2.0)
DOTS = Dots("A title", "n = 2", "x", (ROW,))


def test_a_value_made_again_has_the_same_fingerprint() -> None:
    again = replace(DOTS, rows=(replace(ROW, values=ROW.values.copy()),))
    assert fingerprint(again) == fingerprint(DOTS)


@pytest.mark.parametrize(
    "other",
    [
        replace(DOTS, title="Another title"),
        replace(DOTS, paired=True),
        replace(DOTS, nothing=0.0),
        replace(DOTS, rows=(ROW, ROW)),
        replace(DOTS, rows=(replace(ROW, values=np.array([1.0, np.nextafter(2.0, 3.0)])),)),
        replace(DOTS, rows=(replace(ROW, values=ROW.values.reshape(2, 1)),)),
        replace(DOTS, rows=(replace(ROW, values=ROW.values.astype(np.float32)),)),
        Crosses("A title", ROW.values, ROW.values),
    ],
)
def test_another_value_has_another_fingerprint(other: object) -> None:
    assert fingerprint(other) != fingerprint(DOTS)


def test_words_do_not_run_into_each_other() -> None:
    assert fingerprint(("ab", "c")) != fingerprint(("a", "bc"))
    assert fingerprint((("a",), "b")) != fingerprint(("a", ("b",)))
    assert fingerprint({"a": 1}) != fingerprint({"a": 1.0})


def test_what_equal_values_may_not_share_is_refused() -> None:
    with pytest.raises(TypeError, match="function"):
        fingerprint(replace(DOTS, title=lambda: "A title"))  # type: ignore[arg-type]
