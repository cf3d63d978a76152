"""What readers see of a claim in place of its frozen text: what was compared, and no cause."""

from bnreport.study import Display

DISPLAY = {
    "gradients-layer": Display(
        statement="With ReLU from He, layer normalization leaves the factor by which gradients "
        "change from layer to layer nearer to 1 than BN does."
    ),
    "gradients-sigmoid": Display(
        statement="Through sigmoids BN brings the factor by which gradients change from layer to "
        "layer nearer to 1."
    ),
}
