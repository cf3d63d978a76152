"""Batch renormalization and RMSNorm: what each claim reads, and in what its nets differ."""

from typing import Any

import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import Scoring
from bnreport.statistics.estimates import Contrast
from bnreport.studies.renorm import STUDY
from bnreport.studies.renorm.runs import IMAGES, RUNS
from tests.directed import Directed

MADE = Directed(STUDY)
TRIALS: dict[str, Any] = {runs.trial.name: runs.trial for runs in RUNS}
SCORES = [("", "fresh"), ("-deployed", "deployed")]
STEPS = {"128": 320, "4": 10_240, "parts": 320}


def accuracy(by: str, setting: str, scoring: str = "end") -> Quantity:
    """The validation accuracy after the last step of a setting, by some statistics."""
    return check(f"{scoring}_{by}_val_accuracy", STEPS[setting])


def difference(claim: str, setting: str, given: dict[tuple[str, Quantity], Any]) -> float:
    """What the first seed says where the runs hold these numbers."""
    estimate = STUDY.estimates[f"renorm-{claim}"](MADE.given(given))
    contrast = estimate[setting] if isinstance(estimate, dict) else estimate
    assert isinstance(contrast, Contrast)
    return contrast.values[0]


@pytest.mark.parametrize(("end", "by"), SCORES)
@pytest.mark.parametrize(
    ("claim", "one", "other", "size"),
    [
        ("small", "renorm", "bn", "4"),
        ("parts", "renorm", "bn", "parts"),
        ("large", "renorm", "bn", "128"),
        ("std", "std", "renorm", "4"),
        ("ln", "ln", "renorm", "4"),
    ],
)
def test_nets_of_one_setting_are_compared_by_one_score(
    claim: str, one: str, other: str, size: str, end: str, by: str
) -> None:
    quantity = accuracy(by, size)
    given = {(f"{one}-{size}", quantity): 0.875, (f"{other}-{size}", quantity): 0.75}
    assert difference(f"{claim}{end}", "", given) == pytest.approx(12.5)


@pytest.mark.parametrize("size", ["128", "4"])
def test_rms_norm_is_held_against_layer_normalization(size: str) -> None:
    quantity = accuracy("fresh", size)
    given = {(f"rms-{size}", quantity): 0.875, (f"ln-{size}", quantity): 0.75}
    assert difference("rms-ln", size, given) == pytest.approx(12.5)


@pytest.mark.parametrize("arm", ["bn", "renorm"])
@pytest.mark.parametrize(("setting", "size"), [("4", "4"), ("32 × 4", "parts")])
def test_inference_mode_is_held_against_training_mode_of_the_same_net(
    arm: str, setting: str, size: str
) -> None:
    given = {
        (f"{arm}-{size}", accuracy("deployed", size, "mode")): 0.875,
        (f"{arm}-{size}", accuracy("batch-4", size, "mode")): 0.75,
    }
    assert difference(f"mode-{arm}", setting, given) == pytest.approx(12.5)


def differences(one: Recipe, other: Recipe) -> set[str]:
    """The fields in which two recipes differ, but for names and scores."""
    fields = set(Recipe.model_fields) - {"name", "measures"}
    return {field for field in fields if getattr(one, field) != getattr(other, field)}


@pytest.mark.parametrize("size", ["128", "4"])
def test_nets_of_a_setting_differ_in_their_normalizer_or_in_their_inputs(size: str) -> None:
    normalizers = {"bn": "batch", "renorm": "renorm", "ln": "layer", "rms": "rms"}
    for arm, normalizer in normalizers.items():
        net = TRIALS[f"{arm}-{size}"].net
        assert net.normalizer == normalizer
        assert net.model_copy(update={"normalizer": "none"}) == TRIALS[f"raw-{size}"].net
        assert differences(TRIALS[f"raw-{size}"], TRIALS[f"{arm}-{size}"]) == {"net"}
    assert differences(TRIALS[f"raw-{size}"], TRIALS[f"std-{size}"]) == {"inputs"}


def test_settings_differ_in_their_batch_and_its_rate() -> None:
    for arm in ("bn", "renorm"):
        large, small, parts = (TRIALS[f"{arm}-{size}"] for size in STEPS)
        assert differences(large, small) == {"batch_size", "learning_rate"}
        assert differences(large, parts) == {"micro_batch"}
        assert small.batch_size == parts.micro_batch == 4
        assert differences(large, TRIALS[f"{arm}-128-at-1"]) == {"learning_rate"}
        assert differences(large, TRIALS[f"{arm}-long"]) == {"epochs"}
    for size, steps in STEPS.items():
        assert TRIALS[f"bn-{size}"].steps == steps


@pytest.mark.parametrize("arm", ["bn", "renorm"])
def test_training_mode_has_whole_batches_as_large_as_those_that_trained(arm: str) -> None:
    for size, batch in (("128", 128), ("4", 4), ("parts", 4)):
        _, mode = TRIALS[f"{arm}-{size}"].measures
        assert isinstance(mode, Scoring)
        assert mode.images is not None
        assert mode.by == ("deployed", f"batch-{batch}")
        assert mode.images % batch == 0
        assert IMAGES % batch == 0
