"""What the page says of folding in words is what the reference computes."""

from bnreport.lessons.folding import analyse, mistakes, padded, rounded

ANALYSIS = analyse()


def test_the_worked_layer_answers_the_same_folded() -> None:
    rows = {name: cells for name, *cells in ANALYSIS.tables["worked"].rows}
    assert rows["BN makes of that"] == rows["folded layer puts out"]
    # The second unit is quiet, and its weights grow many times.
    assert float(rows["scale s"][1]) > 10


def test_only_a_right_fold_has_no_error() -> None:
    found = mistakes()
    assert found.pop("nothing") < 1e-12
    assert len(found) == 4
    assert min(found.values()) > 0.01
    assert rounded(1e-13) == "< 10⁻¹²"


def test_a_convolution_that_pads_is_wrong_at_its_borders_alone() -> None:
    inside, border = padded()
    assert inside < 1e-12
    assert border > 0.1
