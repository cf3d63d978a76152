"""The arms that every training study carries, and the trials that they make."""

from typing import Any

from bnreport.trials import Net, Trial

# Pixels as they are, pixels standardized by training statistics, and both once more with BN.
ARMS = ("raw", "std", "bn", "std-bn")
NAMES = {
    "raw": "raw pixels",
    "std": "standardized inputs",
    "bn": "BN",
    "std-bn": "standardized inputs and BN",
    "ln": "layer normalization",
    "gn": "group normalization",
}
_NORMALIZERS = {"bn": "batch", "ln": "layer", "gn": "group"}


def arm(of: str, name: str | None = None, net: dict[str, Any] | None = None, **more: Any) -> Trial:
    """A trial of an arm: its inputs and its normalizer, all else as given.

    Args:
        of: one of `NAMES`.
        name: the trial's name; by default the arm's.
        net: fields of its `Net`, such as hidden or activation.
        more: fields of its `Trial`, such as learning_rate and epochs.

    Raises:
        KeyError: when there is no such arm.
    """
    NAMES[of]
    inputs = "std" if of.startswith("std") else "raw"
    normalizer = _NORMALIZERS.get(of.removeprefix("std-"), "none")
    return Trial(
        name=name or of,
        net=Net.model_validate({"normalizer": normalizer} | (net or {})),
        **({"inputs": inputs} | more),
    )
