"""Residual nets have the layers of their sources and begin as these say."""

import math
from functools import cache
from typing import Any

import numpy as np
import pytest

from bnreport.protocol.residual import Residual
from bnreport.randomness import kernel

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

PIXELS = (14, 14)
X = np.random.default_rng(0).random((4, *PIXELS), np.float32)
NUMBERS = {"momentum": 0.0, "noise": 0.0}
NONE, SKIPINIT = Residual(normalizer="none"), Residual(normalizer="none", start="skipinit")
FIXUP, ZERO = Residual(normalizer="none", start="fixup"), Residual(start="zero gamma")
ARMS = {
    "plain, none": Residual(normalizer="none", shortcut="none"),
    "plain, batch": Residual(shortcut="none"),
    "none": NONE,
    "batch": Residual(),
    "zero gamma": ZERO,
    "group": Residual(normalizer="group"),
    "layer": Residual(normalizer="layer"),
    "skipinit": SKIPINIT,
    "fixup": FIXUP,
    "dense, batch": Residual(filters=(), hidden=(20,), blocks=10),
    "dense, fixup": Residual(
        filters=(), hidden=(20, 30), blocks=2, normalizer="none", start="fixup"
    ),
}
each_arm = pytest.mark.parametrize("net", ARMS.values(), ids=ARMS.keys())
LIKE_IDENTITY = [ZERO, SKIPINIT, FIXUP, ARMS["dense, fixup"]]


@cache
def built(net: Residual) -> tuple[Any, list[Any]]:
    """The graph of a net, whose model no test changes, and what its variables are."""
    from bnreport.training.residual import build_residual

    graph = build_residual(net, PIXELS)
    return graph, [np.array(v.numpy()) for v in graph.model.variables]


def started(net: Residual, seed: int = 1) -> tuple[Any, Any, Any]:
    from bnreport.training.residual import residual_weights

    graph, _ = built(net)
    return (graph, *residual_weights(net, graph, seed))


def outputs(net: Residual, mode: Any = "training") -> dict[str, Any]:
    """What each layer puts out for the images, at the start."""
    import keras

    from bnreport.training.graphs import walk

    graph, weights, state = started(net)
    found = walk(graph, weights, state, X, mode, NUMBERS).outputs
    return {name: keras.ops.convert_to_numpy(value) for name, value in found.items()}


def by_name(net: Residual, seed: int = 1) -> dict[str, Any]:
    graph, weights, _ = started(net, seed)
    names = [v.path for v in graph.model.trainable_variables]
    return dict(zip(names, weights, strict=True))


@each_arm
def test_parameters_are_as_many_as_the_formula_counts(net: Residual) -> None:
    graph = started(net)[0]
    widths = [net.widths[i // net.blocks] for i in range(net.branches)]
    field, first = (9, 1) if net.filters else (1, math.prod(PIXELS))
    ins = [
        first,
        *(width for pair in zip([widths[0], *widths[:-1]], widths, strict=True) for width in pair),
    ]
    outs = [widths[0], *(width for width in widths for _ in range(2))]
    kernels = sum(field * a * b for a, b in zip(ins, outs, strict=True)) + 10 * widths[-1]
    biases = sum(outs) + 10
    gammas = 0 if net.normalizer == "none" else 2 * sum(outs)
    averages = 2 * sum(outs) if net.normalizer == "batch" else 0
    # Four biases and a factor a block, one bias after the first layer and one before the last.
    numbers = {"skipinit": net.branches, "fixup": 5 * net.branches + 2}.get(net.start, 0)
    assert graph.model.count_params() == kernels + biases + gammas + averages + numbers


def test_three_times_three_blocks_are_resnet_20() -> None:
    # He et al. 2016, section 4.2 and table 6: 0.27 million parameters, of color images.
    net = Residual(filters=(16, 32, 64), normalizer="none")
    graph = started(net)[0]
    assert net.depth == 20
    assert sum(hasattr(node.layer, "kernel") for node in graph.nodes) == 20
    assert graph.model.count_params() == pytest.approx(270_000, rel=0.01)


@each_arm
def test_the_outputs_are_finite_logits_and_so_are_all_gradients(net: Residual) -> None:
    from keras import ops

    from bnreport.training import backends
    from bnreport.training.graphs import walk

    graph, weights, state = started(net)
    labels = np.arange(4)

    def loss(weights: Any) -> tuple[Any, Any]:
        logits = walk(graph, weights, state, X, "training", NUMBERS).logits
        entropy = ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
        return ops.mean(entropy), logits

    (_, logits), slopes = backends.value_and_gradient(loss)([*map(ops.convert_to_tensor, weights)])
    assert ops.convert_to_numpy(logits).shape == (4, 10)
    assert len(slopes) == len(weights)
    assert all(np.isfinite(ops.convert_to_numpy(slope)).all() for slope in slopes)
    assert np.abs(ops.convert_to_numpy(slopes[-2])).max() > 0


@each_arm
@pytest.mark.parametrize("mode", ["training", "inference"])
def test_the_walk_gives_what_keras_gives_and_leaves_the_model_as_it_was(
    net: Residual, mode: Any
) -> None:
    from keras import ops

    from bnreport.training.graphs import walk

    graph, weights, state = started(net)
    # Before any test walked along it.
    _, before = built(net)
    numbers = {"momentum": 0.99, "noise": 0.0}
    found = walk(graph, weights, state, X, mode, numbers)
    logits, moved = graph.model.stateless_call(weights, state, X, training=mode == "training")
    assert ops.convert_to_numpy(found.logits) == pytest.approx(
        ops.convert_to_numpy(logits), abs=1e-4
    )
    for ours, theirs in zip(found.state, moved, strict=True):
        assert ops.convert_to_numpy(ours) == pytest.approx(ops.convert_to_numpy(theirs), abs=1e-5)
    assert all((a == v.numpy()).all() for a, v in zip(before, graph.model.variables, strict=True))


@each_arm
def test_the_variables_of_the_model_stand_in_the_order_of_the_walk(net: Residual) -> None:
    graph = started(net)[0]
    for kind in ("trainable_variables", "non_trainable_variables"):
        walked = [v.path for node in graph.nodes for v in getattr(node.layer, kind)]
        assert walked == [v.path for v in getattr(graph.model, kind)]


@pytest.mark.parametrize("net", LIKE_IDENTITY)
def test_a_block_begins_as_the_identity(net: Residual) -> None:
    found = outputs(net)
    before = found["activation0"]
    for block in range(1, net.branches + 1):
        after = found[f"block{block}_activation2"]
        if before.shape == after.shape:
            assert after == pytest.approx(before, abs=1e-6), block
        else:
            width = before.shape[-1]
            kept = before[:, ::2, ::2] if net.filters else before
            assert after[..., :width] == pytest.approx(kept, abs=1e-6)
            assert (after[..., width:] == 0).all()
        before = after


def test_a_block_that_begins_by_its_kernels_is_not_the_identity() -> None:
    for net in (NONE, Residual()):
        found = outputs(net)
        assert not np.allclose(found["block1_activation2"], found["activation0"], atol=0.1)


def test_pixels_are_halved_at_the_second_and_the_third_stage() -> None:
    found = outputs(Residual())
    shapes = {name: found[f"block{name}_activation2"].shape[1:] for name in (1, 3, 4, 6, 7, 9)}
    assert shapes == {
        1: (14, 14, 8),
        3: (14, 14, 8),
        4: (7, 7, 16),
        6: (7, 7, 16),
        7: (4, 4, 32),
        9: (4, 4, 32),
    }
    assert found["features"].shape == (4, 32)


def test_a_window_has_the_pixel_of_the_shortcut_in_its_middle() -> None:
    import keras

    from bnreport.training.graphs import walk

    graph, weights, state = started(NONE)
    names = [v.path for v in graph.model.trainable_variables]
    middle = np.zeros((3, 3, 8, 16), np.float32)
    middle[1, 1] = np.eye(8, 16)
    weights[names.index("block4_hidden1/kernel")] = middle
    found = walk(graph, weights, state, X, "inference", NUMBERS).outputs
    taken, kept = (
        keras.ops.convert_to_numpy(found[name]) for name in ("block4_hidden1", "block4_shortcut")
    )
    assert taken == pytest.approx(kept, abs=1e-6)


def test_a_plain_net_has_the_kernels_of_the_residual_one_and_no_shortcut() -> None:
    plain, residual = by_name(Residual(shortcut="none")), by_name(Residual())
    assert all((plain[name] == residual[name]).all() for name in residual)
    layers = [node.layer.name for node in started(Residual(shortcut="none"))[0].nodes]
    assert not [name for name in layers if name.endswith(("sum", "shortcut"))]


def test_kernels_are_drawn_by_seed_and_layer() -> None:
    found = by_name(Residual(), 5)
    expected = kernel("HeNormal", 5, "block4_hidden1", (3, 3, 8, 16))
    assert (found["block4_hidden1/kernel"] == expected).all()
    assert (found["output/kernel"] == kernel("GlorotUniform", 5, "output", (32, 10)).T).all()
    assert (found["hidden0/kernel"] != by_name(Residual(), 6)["hidden0/kernel"]).any()


def test_fixup_scales_the_first_layers_by_depth_and_begins_with_zeros_in_the_last() -> None:
    plain, fixup = by_name(NONE), by_name(FIXUP)
    for block in range(1, 10):
        first, last = (f"block{block}_hidden{i}/kernel" for i in (1, 2))
        # Nine branches of two layers: 9 to the power of -1/2.
        assert fixup[first] == pytest.approx(plain[first] / 3, rel=1e-6)
        assert (fixup[last] == 0).all()
        assert fixup[f"block{block}_factor/factor"] == 1
    assert (fixup["output/kernel"] == 0).all()
    assert (fixup["hidden0/kernel"] == plain["hidden0/kernel"]).all()
    assert {float(value) for name, value in fixup.items() if "_bias_" in name} == {0.0}
    assert (outputs(FIXUP)["output"] == 0).all()


def test_skipinit_begins_with_factors_of_0_and_the_kernels_of_all_nets() -> None:
    plain, found = by_name(NONE), by_name(SKIPINIT)
    assert {float(found[f"block{block}_factor/factor"]) for block in range(1, 10)} == {0.0}
    assert all((found[name] == plain[name]).all() for name in plain)


def test_only_the_last_gamma_of_a_branch_begins_at_0() -> None:
    gammas = {name: set(v.tolist()) for name, v in by_name(ZERO).items() if "gamma" in name}
    assert len(gammas) == 19
    assert {name for name, found in gammas.items() if found == {0.0}} == {
        f"block{block}_norm2/gamma" for block in range(1, 10)
    }
    assert set().union(*gammas.values()) == {0.0, 1.0}


def test_the_norms_of_a_net_stand_in_the_order_in_which_a_batch_meets_them() -> None:
    graph = started(Residual())[0]
    names = [node.layer.name for node in graph.nodes if "norm" in node.layer.name]
    blocks = [f"block{block}_norm{i}" for block in range(1, 10) for i in (1, 2)]
    assert names == ["norm0", *blocks]


def test_groups_part_the_channels_of_one_image() -> None:
    found = outputs(Residual(normalizer="group", groups=2))["norm0"]
    parts = found.reshape(4, 14 * 14, 2, 4)
    assert parts.mean(axis=(1, 3)) == pytest.approx(0, abs=1e-5)
    assert parts.std(axis=(1, 3)) == pytest.approx(1, abs=0.05)


def test_a_chain_of_layers_is_a_graph_too() -> None:
    from keras import ops

    from bnreport.protocol.nets import Net
    from bnreport.training import forward, graphs
    from bnreport.training.models import build, initial_weights

    model = build(Net(hidden=(5, 4), normalizer="batch", dropout=0.5), PIXELS)
    weights, state = initial_weights(model, 1)
    numbers = {"momentum": 0.9, "noise": 0.0}
    modes: tuple[forward.Mode, ...] = ("inference", "batch")
    for mode in modes:
        chain = graphs.Graph.chain(model)
        found = graphs.walk(chain, weights, state, X, mode, numbers)
        expected = forward.walk(model, weights, state, X, mode, numbers)
        assert (ops.convert_to_numpy(found.logits) == ops.convert_to_numpy(expected.logits)).all()
        assert [*found.outputs] == [*expected.outputs]
        assert len(found.state) == len(expected.state)
