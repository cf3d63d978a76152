"""What theory says of deep ReLU nets, by hand."""

import math

import pytest

from bnreport.statistics.wide_nets import cosine_after


@pytest.mark.parametrize(
    ("cosine", "next_"),
    # Opposite images are never active together; the others follow from the angles 90 and 60.
    [(-1.0, 0.0), (0.0, 1 / math.pi), (0.5, math.sqrt(3) / (2 * math.pi) + 1 / 3), (1.0, 1.0)],
)
def test_one_layer_takes_a_cosine_where_the_integral_does(cosine: float, next_: float) -> None:
    assert cosine_after(cosine, 1) == pytest.approx(next_)


def test_layers_add_up_and_turn_all_images_one_way() -> None:
    assert cosine_after(0.3, 0) == 0.3
    assert cosine_after(cosine_after(0.3, 4), 6) == pytest.approx(cosine_after(0.3, 10))
    assert cosine_after(0.3, 10) < cosine_after(0.3, 50) < 1.0
