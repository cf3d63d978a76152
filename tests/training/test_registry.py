"""A probe finds what a small net lets one compute by hand or by another way."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bnreport.protocol.checks import Probe, Setting
from bnreport.protocol.nets import Net
from bnreport.protocol.trials import Trial

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("keras_ready")]

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(keras_ready: None) -> Ask:  # noqa: ARG001
    """A function that gives what a probe finds, by name, a value for each step."""
    from bnreport.training import engine, placement
    from bnreport.training.images import digits

    pool = placement.place(digits())

    def find(
        probe: str,
        net: Net,
        steps: tuple[int, ...] = (0,),
        settings: dict[str, Setting] | None = None,
        images: int | None = 60,
        **more: Any,
    ) -> dict[str, Any]:
        check = Probe(name="p", steps=steps, probe=probe, images=images, settings=settings or {})
        fields = {"name": "t", "net": net, "learning_rate": 0.1, "epochs": 0, "checks": (check,)}
        if max(steps):
            # One epoch of so many batches, and nothing else: whatever is compiled takes seconds.
            fields |= {"epochs": 1, "images": 32 * max(steps), "evaluated": ()}
        trial = Trial.model_validate(fields | more)
        (outcome,) = engine.train([(trial, 1)], pool)
        return {name.removeprefix("p_"): np.array(v) for name, v in outcome.checks.items()}

    return find


def test_gradients_of_a_sigmoid_net_shrink_on_their_way_back(ask: Ask) -> None:
    net = Net(hidden=(30,) * 5, activation="sigmoid", initializer="GlorotUniform")
    found = ask("gradients", net)
    assert found["weights"].shape == found["outputs"].shape == (1, 6)
    outputs = found["outputs"][0]
    assert (outputs[:-1] < 0.5 * outputs[1:]).all()
    rescued = ask("gradients", net.model_copy(update={"normalizer": "batch"}))["outputs"][0]
    assert rescued[0] / rescued[4] > 10 * outputs[0] / outputs[4]


def test_the_gradient_by_the_output_is_that_of_the_softmax(ask: Ask) -> None:
    # At kernels of almost zero every class has probability 1/10: the gradient by the logits is
    # (1/10 - label) / images.
    found = ask("gradients", Net(hidden=(5,)), kernel_scale=1e-8)
    expected = np.sqrt(60 * (9 * 0.1**2 + 0.9**2)) / 60
    assert found["outputs"][0, -1] == pytest.approx(expected, rel=1e-4)


def test_activations_are_counted_by_layer(ask: Ask) -> None:
    found = ask("activations", Net(hidden=(30, 20), activation="relu"), steps=(0, 38))
    assert set(found) == {"mean", "std", "dead"}
    assert {values.shape for values in found.values()} == {(2, 2)}
    assert (found["std"] > 0).all()
    assert ((found["dead"] >= 0) & (found["dead"] < 1)).all()
    normalized = ask("activations", Net(hidden=(30, 20), normalizer="batch"))
    assert (normalized["dead"] == 0).all()


def test_deep_relu_nets_make_all_images_alike_and_bn_does_not(ask: Ask) -> None:
    deep = Net(hidden=(40,) * 15)
    plain = ask("similarity", deep)
    bn = ask("similarity", deep.model_copy(update={"normalizer": "batch"}))
    assert plain["cosine"][0] > 0.9
    assert bn["cosine"][0] < 0.7
    assert plain["rank"][0] < bn["rank"][0]


def test_similarity_of_one_linear_layer_is_computed_by_hand(ask: Ask) -> None:
    from bnreport.randomness import kernel
    from bnreport.training.images import digits

    found = ask("similarity", Net(hidden=(7,), activation="linear"))
    units = digits().x_train[:60].reshape(60, -1) @ kernel("HeNormal", 1, "hidden1", (64, 7))
    unit = units / np.linalg.norm(units, axis=1, keepdims=True)
    pairs = unit @ unit.T
    assert found["cosine"][0] == pytest.approx((pairs.sum() - 60) / (60 * 59), abs=1e-4)
    share = np.linalg.svd(units, compute_uv=False)
    share = share / share.sum()
    assert found["rank"][0] == pytest.approx(np.exp(-(share * np.log(share)).sum()), rel=1e-3)


def test_nothing_has_drifted_at_first_and_more_drifts_at_a_higher_rate(ask: Ask) -> None:
    net = Net(hidden=(20, 20), normalizer="batch")
    slow, fast = (ask("drift", net, steps=(0, 10), learning_rate=rate) for rate in (0.01, 0.3))
    assert slow["hidden"][0] == pytest.approx([0, 0], abs=1e-5)
    assert (fast["hidden"][1] > 2 * slow["hidden"][1]).all()
    # What the normalizer hands on has beta for a mean, which has hardly moved.
    assert (slow["norm"][1] < slow["hidden"][1]).all()
    assert set(ask("drift", Net(hidden=(20,)))) == {"hidden"}


def test_looking_ahead_changes_no_gradient_of_the_first_layer(ask: Ask) -> None:
    found = ask("lookahead", Net(hidden=(20, 20)), images=None)
    assert found["distance"][0, 0] == pytest.approx(0, abs=1e-5)
    assert found["cosine"][0, 0] == pytest.approx(1, abs=1e-5)
    assert (found["distance"][0, 1:] > 0.01).all()
    tiny = ask("lookahead", Net(hidden=(20, 20)), images=None, learning_rate=1e-6)
    assert tiny["distance"][0] == pytest.approx([0, 0, 0], abs=1e-3)


def test_a_short_step_down_the_gradient_lowers_the_loss_by_its_square(ask: Ask) -> None:
    steps = (0.5, 1.0, 2.0)
    settings = {"steps": steps}
    found = ask("landscape", Net(hidden=(20,)), settings=settings, learning_rate=1e-3)
    assert found["loss"].shape == (1, 3)
    slope = np.diff(found["loss"][0]) / (1e-3 * np.diff(steps))
    # The loss falls by |g|^2 a unit of rate, and change = relative * |g|.
    size = found["change"][0] / found["relative"][0]
    assert -slope == pytest.approx(size[:2] ** 2, rel=0.05)
    assert found["beta"][0] == pytest.approx(
        found["change"][0] / (1e-3 * np.array(steps) * size), rel=1e-4
    )
    relative = ask("landscape", Net(hidden=(20,)), settings=settings | {"relative": 1})
    assert (relative["loss"][0] != found["loss"][0]).all()


def test_the_bias_before_a_normalizer_gets_no_gradient_and_one_after_the_activation_does(
    ask: Ask,
) -> None:
    before = ask("biases", Net(hidden=(20, 15), normalizer="batch"), kernel_scale=3.0)
    after = ask("biases", Net(hidden=(20, 15), normalizer="batch", placement="after"))
    assert before["bias"].shape == before["beta"].shape == (1, 2)
    assert (before["bias"] < 1e-5 * before["beta"]).all()
    assert (after["bias"] > 1e-3).all()
    assert set(ask("biases", Net(hidden=(20,)))) == {"bias"}


def test_the_gradient_by_the_bias_of_a_linear_net_is_computed_by_hand(ask: Ask) -> None:
    from bnreport.randomness import kernel
    from bnreport.training.images import digits

    found = ask("biases", Net(hidden=(7,), activation="linear"))
    x, y = digits().x_train[:60].reshape(60, -1), digits().y_train[:60]
    first = kernel("HeNormal", 1, "hidden1", (64, 7)).astype(float)
    second = kernel("GlorotUniform", 1, "output", (7, 10)).astype(float)
    logits = x @ first @ second
    slope = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    slope[np.arange(60), y] -= 1
    by_bias = (slope @ second.T).mean(axis=0)
    assert found["bias"][0] == pytest.approx([np.linalg.norm(by_bias)], rel=1e-4)


def test_the_scale_of_kernels_before_batch_normalization_plays_no_part(ask: Ask) -> None:
    settings: dict[str, Setting] = {"factors": (0.25, 1.0, 8.0)}
    net = Net(hidden=(20, 15), normalizer="batch", epsilon=1e-9)
    found = ask("scaling", net, settings=settings)
    assert found["logits"].shape == found["gradient"].shape == (1, 3)
    assert found["logits"][0] == pytest.approx([0, 0, 0], abs=1e-4)
    assert found["gradient"][0] == pytest.approx([1, 1, 1], rel=1e-3)
    assert found["cosine"][0] < 1e-4
    # A large epsilon is a part of the variance that does not scale.
    loose = ask("scaling", net.model_copy(update={"epsilon": 1.0}), settings=settings)
    assert loose["logits"][0, 0] > 0.01
    assert loose["logits"][0, 1] == 0


def test_the_scale_of_a_plain_net_is_the_scale_of_its_logits(ask: Ask) -> None:
    from bnreport.randomness import kernel
    from bnreport.training.images import digits

    net = Net(hidden=(7,), activation="linear")
    found = ask("scaling", net, settings={"factors": (1.0, 3.0)})
    x = digits().x_train[:60].reshape(60, -1)
    first, second = (
        kernel("HeNormal", 1, "hidden1", (64, 7)),
        kernel("GlorotUniform", 1, "output", (7, 10)),
    )
    assert found["logits"][0] == pytest.approx([0, 2 * np.abs(x @ first @ second).max()], rel=1e-4)
    assert found["gradient"][0, 0] == pytest.approx(1)
    assert found["gradient"][0, 1] > 1.5
    assert found["cosine"][0] > 0.1


def test_a_convolution_is_as_free_of_its_scale(ask: Ask) -> None:
    net = Net(filters=(3,), hidden=(8,), normalizer="batch", epsilon=1e-9)
    found = ask("scaling", net, settings={"factors": (4.0,)})
    assert found["gradient"][0] == pytest.approx([1], rel=1e-3)
    assert found["cosine"][0] < 1e-4


def test_mates_matter_to_batch_normalization_in_training_alone(ask: Ask) -> None:
    bn = Net(hidden=(20, 15), normalizer="batch")
    found = ask("mates", bn, steps=(0, 20))
    assert (found["batch"] > 0.1).all()
    assert found["inference"] == pytest.approx([0, 0], abs=1e-5)
    assert found["alone"] == pytest.approx(np.zeros((2, 2)), abs=1e-5)
    layer = ask("mates", bn.model_copy(update={"normalizer": "layer"}))
    assert layer["batch"] == pytest.approx([0], abs=1e-5)
    assert (layer["alone"] > 0.1).all()
    assert set(ask("mates", Net(hidden=(5,)), images=61)) == {"batch", "inference"}


@pytest.mark.parametrize(
    "net",
    [
        Net(hidden=(20, 15), normalizer="batch"),
        Net(hidden=(20, 15), normalizer="batch", placement="after", normalized_inputs=True),
        Net(hidden=(20, 15), normalizer="batch", activation="leaky_relu", dropout=0.3),
        Net(hidden=(20,), activation="tanh", normalized_inputs=True),
    ],
)
def test_batch_normalization_folds_into_the_dense_layers(ask: Ask, net: Net) -> None:
    # After some steps at a short memory gamma, beta and the moving averages are not the start's.
    found = ask("folding", net, steps=(0, 30), momentum=0.8)
    assert found["difference"] == pytest.approx([0, 0], abs=1e-4)
    assert found["agreement"] == pytest.approx([1, 1])


@pytest.mark.parametrize(
    "net", [Net(), Net(normalizer="layer"), Net(filters=(2,), normalizer="batch")]
)
def test_what_cannot_be_folded_is_refused(ask: Ask, net: Net) -> None:
    with pytest.raises(ValueError, match="no other"):
        ask("folding", net)


def test_the_variance_at_the_start_is_that_of_the_outputs(ask: Ask) -> None:
    from bnreport.randomness import kernel
    from bnreport.training.images import digits

    # The moving variance starts at 1.
    units = digits().x_train[:60].reshape(60, -1) @ kernel("HeNormal", 1, "hidden1", (64, 7))
    found = ask("variances", Net(hidden=(7,), normalizer="batch"))
    assert found["ratio"][0] == pytest.approx([units.var(axis=0).mean()], rel=1e-3)
    after = ask("variances", Net(hidden=(7,), normalizer="batch", placement="after"))
    assert after["ratio"][0] == pytest.approx([np.maximum(units, 0).var(axis=0).mean()], rel=1e-3)


def test_dropout_before_batch_normalization_shifts_the_variance(ask: Ask) -> None:
    net = Net(hidden=(60, 60), normalizer="batch")
    settled: dict[str, Any] = {"steps": (37,), "images": 1000, "momentum": 0.8}
    plain = ask("variances", net, **settled)["ratio"][0]
    dropped = ask("variances", net.model_copy(update={"dropout": 0.5}), **settled)["ratio"][0]
    assert plain == pytest.approx([1, 1], abs=0.15)
    assert dropped[0] == pytest.approx(1, abs=0.15)
    assert dropped[1] < 0.8
    with pytest.raises(ValueError, match="batch normalization in the blocks"):
        ask("variances", Net(hidden=(5,)))


def test_a_distribution_has_the_quantiles_of_the_outputs(ask: Ask) -> None:
    from bnreport.training.probes.activations import LEVELS, UNITS

    found = ask("distribution", Net(hidden=(40, 30), normalizer="batch"))
    outputs, entering = (found[name].reshape(2, len(LEVELS)) for name in ("outputs", "entering"))
    assert (np.diff(outputs) > 0).all()
    assert (np.diff(entering) > 0).all()
    # Normalized numbers have a mean of 0 and a deviation of 1; their quantiles are about there.
    assert np.abs(entering[:, len(LEVELS) // 2]).max() < 0.2
    assert found["units"].size == UNITS * len(LEVELS)
    plain = ask("distribution", Net(hidden=(40, 30)))
    assert plain["entering"] == pytest.approx(plain["outputs"])


def test_an_unknown_probe_is_refused(ask: Ask) -> None:
    with pytest.raises(ValueError, match="nope"):
        ask("nope", Net(hidden=(5,)))
