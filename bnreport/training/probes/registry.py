"""Every probe by its name in a trial."""

from collections.abc import Callable

from bnreport.training.probes.activations import (
    activations,
    distribution,
    drift,
    similarity,
    variances,
)
from bnreport.training.probes.gradients import biases, gradients, landscape, lookahead
from bnreport.training.probes.identities import folding, mates, scaling
from bnreport.training.probes.snapshot import Found, Glance

PROBES: dict[str, Callable[[Glance], Found]] = {
    "activations": activations,
    "biases": biases,
    "distribution": distribution,
    "drift": drift,
    "folding": folding,
    "gradients": gradients,
    "landscape": landscape,
    "lookahead": lookahead,
    "mates": mates,
    "scaling": scaling,
    "similarity": similarity,
    "variances": variances,
}
