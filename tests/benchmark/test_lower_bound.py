"""The floor of the benchmark really forms every product, in every step."""

import re
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

FEATURES, WIDTHS, SIZE, STEPS = 7, (5, 4, 3), 2, 3
IMAGES = np.random.default_rng(1).random((STEPS * SIZE, FEATURES)).astype(np.float32)
ORDER = np.random.default_rng(2).permutation(STEPS * SIZE).astype(np.int32).reshape(STEPS, SIZE)
Floats = NDArray[np.floating]


def compiled(layout: str, rung: Any, inputs: bool, rate: float = 1e-12) -> tuple[Any, Any]:
    """The compiled sweep over tiny shapes and its arguments."""
    from keras import ops

    from bnreport.benchmark import lower_bound
    from bnreport.training import backends

    transposed = layout == "feature_major"
    epoch = backends.compiled(lower_bound.sweep(getattr(lower_bound, layout), rung, inputs, rate))
    kernels = lower_bound.kernels_of(FEATURES, WIDTHS, transposed)
    arguments = (
        ops.convert_to_tensor(IMAGES),
        ops.convert_to_tensor(ORDER),
        [ops.convert_to_tensor(kernel) for kernel in kernels],
    )
    return epoch, arguments


def swept(layout: str, rung: Any, inputs: bool, rate: float = 1e-12) -> list[Floats]:
    epoch, arguments = compiled(layout, rung, inputs, rate)
    return [np.asarray(result) for result in epoch(*arguments)]


def slopes(x: Floats, kernels: list[Floats]) -> list[Floats]:
    """The products of one step, in NumPy."""
    first, second, third = kernels
    h = x @ first
    a = h @ second
    o = a @ third
    da = o @ third.T
    dh = da @ second.T
    return [x.T @ dh, h.T @ da, a.T @ o, dh @ first.T]


def kernels() -> list[Floats]:
    from bnreport.benchmark import lower_bound

    return lower_bound.kernels_of(FEATURES, WIDTHS, transposed=False)


@pytest.mark.parametrize("inputs", [False, True])
@pytest.mark.parametrize("layout", ["batch_major", "feature_major"])
def test_the_last_step_holds_every_product(layout: str, inputs: bool) -> None:
    expected = slopes(IMAGES[-SIZE:], kernels())[: 4 if inputs else 3]
    found = swept(layout, "products", inputs)
    if layout == "feature_major":
        found[:3] = [np.transpose(slope) for slope in found[:3]]
    assert len(found) == len(expected)
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5)


def test_a_gathered_batch_has_the_images_of_its_indices() -> None:
    expected = slopes(IMAGES[ORDER[-1]], kernels())
    for mine, theirs in zip(swept("batch_major", "gather", True), expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5)


def test_an_update_reaches_the_next_step() -> None:
    weights, rate = kernels(), 0.01
    for step in range(STEPS):
        found = slopes(IMAGES[ORDER[step]], weights)
        weights = [w - np.float32(rate) * g for w, g in zip(weights, found, strict=False)]
    after = swept("batch_major", "update", True, rate)
    for mine, theirs in zip(after, [*weights, found[3]], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4)


@pytest.mark.parametrize(("inputs", "products"), [(False, 8), (True, 9)])
@pytest.mark.parametrize("rung", ["products", "best-products", "gather", "update"])
def test_the_compiled_loop_holds_as_many_products_as_a_step_needs(
    rung: str, inputs: bool, products: int
) -> None:
    from bnreport.benchmark import lower_bound
    from bnreport.training import backends

    assert rung in get_args(lower_bound.Rung)
    epoch, arguments = compiled(
        "feature_major" if rung == "best-products" else "batch_major", rung, inputs
    )
    if backends.name() == "jax":
        text = epoch.lower(*arguments).compile().as_text()
    else:
        text = epoch.experimental_get_compiler_ir(*arguments)(stage="optimized_hlo")
    # Outside of the loop there are none: the body holds them all, and no step can share them.
    bodies = re.findall(r"body=%?([\w.\-]+)", text)
    assert len(bodies) == 1
    found = re.findall(r"= \S+ (?:dot|custom-call)\(", text)
    assert len(found) == products
