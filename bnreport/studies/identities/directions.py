"""Where each identity is checked, and the number at which it holds."""

from collections.abc import Mapping
from dataclasses import replace

from bnreport.protocol.directions import Direction, Directions, check, exactly, read

_NETS = ("before", "after", "notebook")


def _bias(*nets: str) -> Direction:
    """No gradient by a bias, beside that by the beta of its BN."""
    biases = exactly(nets, check("biases_bias"), 0.0)
    return replace(biases, beside=read(nets, check("biases_beta")))


DIRECTIONS: Mapping[str, Directions] = {
    "identities-bias-before": _bias("before"),
    "identities-bias-after": _bias("after", "notebook"),
    "identities-folding": exactly(_NETS, check("folding_difference"), 0.0),
    "identities-classes": exactly(_NETS, check("folding_agreement"), 1.0, more=True),
    "identities-scale-logits": exactly("before-exact", check("scaling_logits"), 0.0),
    "identities-scale-gradient": exactly("before-exact", check("scaling_gradient"), 1.0),
    "identities-scale-epsilon": exactly("before", check("scaling_logits"), 0.0),
    "identities-orthogonal": exactly("before-exact", check("scaling_cosine"), 0.0),
    "identities-orthogonal-epsilon": exactly("before", check("scaling_cosine"), 0.0),
    "identities-mates-training": exactly(_NETS, check("mates_batch"), 0.0),
    "identities-mates-inference": exactly(_NETS, check("mates_inference"), 0.0),
    "identities-alone": exactly(_NETS, check("mates_alone"), 0.0),
}
