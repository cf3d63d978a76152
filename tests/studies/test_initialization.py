"""Over which scales a net learns well, in words, by hand."""

import numpy as np
import pytest

from bnreport.analysis.ranges import stretch
from bnreport.studies.initialization import SCALES


@pytest.mark.parametrize(
    ("fine", "words"),
    [
        ((1 / 64, 1 / 16, 1 / 4, 1 / 2, 1.0, 2.0, 4.0), "1/64 to 4"),
        # A gap ends a row, and the longer row counts, wherever it stands.
        ((1 / 64, 1.0, 2.0), "1 to 2"),
        ((1 / 64, 1 / 16, 1 / 4, 2.0, 4.0), "1/64 to 1/4"),
        ((64.0,), "64"),
        ((), "none"),
    ],
)
def test_the_longest_row_of_good_scales_is_told(fine: tuple[float, ...], words: str) -> None:
    assert stretch(SCALES, np.array([scale in fine for scale in SCALES])) == words
