"""The compiled parts of a run: steps of gradient descent, evaluation, probes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, TypeAlias

import keras
from keras import ops

from bnreport.protocol.checks import Probe
from bnreport.protocol.nets import Net, structure
from bnreport.protocol.trials import Trial
from bnreport.training import backends
from bnreport.training.forward import Walk, walk
from bnreport.training.models import build, names_of
from bnreport.training.probes.registry import PROBES
from bnreport.training.probes.snapshot import Glance

Tensors: TypeAlias = list[Any]
# Images and labels.
Data: TypeAlias = tuple[Any, Any]

# The step whose loss is compared across machines: late enough to tell a wrong program, early
# enough that rounding has not yet grown.
EARLY_STEP = 20


@dataclass(frozen=True)
class Shape:
    """The shape that a compiled program depends on beside the shapes of its arguments."""

    net: str | Net
    image: tuple[int, int]
    prepares: bool
    decays: bool
    lanes: bool

    @classmethod
    def of(cls, trial: Trial, image: tuple[int, int], lanes: bool) -> "Shape":
        """The shape of a trial's program, for one run or for several together."""
        return cls(trial.net, image, trial.inputs != "raw", trial.weight_decay > 0, lanes)


@dataclass(frozen=True)
class Program:
    """A net and its compiled functions; all of a run are arguments, so runs share them.

    With `lanes` every argument of a run has a leading axis over runs: weights, state, numbers,
    image positions and the carry; the data and the bounds are shared. `numbers` holds
    learning_rate, momentum, noise, weight_decay, and shift and factor of the pixels.

    Attributes:
        model: the Keras model; its own variables are never changed.
        steps: (weights, state, numbers, data, batches, bounds, carry) -> (weights, state, carry)
            after the steps [first, stop) of an epoch; data are the images and labels of the pool,
            batches positions in it, (steps, batch size), bounds first and stop, and the carry is
            (sum of losses by image, hits, early loss).
        last: the same for one batch of another size, (images,), without bounds.
        evaluate: (weights, state, numbers, data, positions) -> (mean loss, hits by image).
        by_batch: the same, normalized by the statistics of this batch.
        precise: (weights, state, numbers, data, positions) -> state with the statistics of these.
        outputs: (weights, state, numbers, data, positions) -> outputs of the layers with a kernel.
    """

    shape: Shape
    model: keras.Sequential
    steps: Callable[..., Any]
    last: Callable[..., Any]
    evaluate: Callable[..., Any]
    by_batch: Callable[..., Any]
    precise: Callable[..., Any]
    outputs: Callable[..., Any]

    @property
    def kernels(self) -> tuple[str, ...]:
        """The names of the layers with a kernel, from the input to the output."""
        return tuple(layer.name for layer in self.model.layers if hasattr(layer, "kernel"))


@lru_cache(maxsize=32)
def program(shape: Shape) -> Program:
    """The programs of a shape; they compile on their first call in a process.

    Raises:
        ValueError: for several runs together on another backend than JAX.
    """
    net = _Net(build(shape.net, shape.image), shape)

    def compiled(function: Callable[..., Any], shared: set[int]) -> Callable[..., Any]:
        return _compiled(shape, function, shared)

    return Program(
        shape=shape,
        model=net.model,
        steps=compiled(net.steps, {3, 5}),
        last=compiled(net.last, {3}),
        evaluate=compiled(partial(net.evaluate, "inference"), {3}),
        by_batch=compiled(partial(net.evaluate, "batch"), {3}),
        precise=compiled(net.precise, {3}),
        outputs=compiled(net.outputs, {3}),
    )


@lru_cache(maxsize=64)
def probe(shape: Shape, probe: str, settings: tuple[tuple[str, Any], ...]) -> Callable[..., Any]:
    """A compiled probe: (now, before, numbers, data, positions) -> tensors by name."""
    net = _Net(program(shape).model, shape)
    function = partial(net.probe, PROBES[probe], dict(settings))
    return _compiled(shape, function, {3})


def _compiled(shape: Shape, function: Callable[..., Any], shared: set[int]) -> Callable[..., Any]:
    net = structure(shape.net)
    return backends.compiled(
        backends.vectorized(function, shared) if shape.lanes else function,
        xla=not (net.filters or net.dropout),
    )


def probe_of(shape: Shape, check: Probe) -> Callable[..., Any]:
    """The compiled probe of a check.

    Raises:
        ValueError: when there is no such probe.
    """
    if check.probe not in PROBES:
        raise ValueError(f"Expected a probe of {sorted(PROBES)}. Received: {check.probe!r}.")
    return probe(shape, check.probe, tuple(sorted(check.settings.items())))


@dataclass(frozen=True)
class _Net:
    """The functions of a program, for one run, before they are compiled."""

    model: keras.Sequential
    shape: Shape

    def pick(self, numbers: Mapping[str, Any], data: Data, positions: Any) -> Data:
        x, y = (ops.take(all_of_them, positions, axis=0) for all_of_them in data)
        return ((x - numbers["shift"]) * numbers["factor"] if self.shape.prepares else x), y

    def loss(
        self,
        numbers: Mapping[str, Any],
        weights: Tensors,
        state: Tensors,
        batch: Data,
        nudges: Mapping[str, Any] | None = None,
    ) -> tuple[Any, Walk]:
        x, y = batch
        found = walk(self.model, weights, state, x, "training", numbers, nudges)
        loss = _cross_entropy(y, found.logits)
        if self.shape.decays:
            squares = [ops.sum(ops.square(weights[i])) for i in self.kernels()]
            loss = loss + numbers["weight_decay"] * sum(squares)
        return loss, found

    def kernels(self) -> list[int]:
        return [i for i, v in enumerate(self.model.trainable_variables) if v.name == "kernel"]

    def step(
        self, weights: Tensors, state: Tensors, numbers: Mapping[str, Any], batch: Data
    ) -> tuple[Tensors, Tensors, Any, Any]:
        def forward(weights: Tensors) -> tuple[Any, tuple[Tensors, Any]]:
            loss, found = self.loss(numbers, weights, state, batch)
            hits = ops.sum(ops.cast(_hits(batch[1], found.logits), "float32"))
            return loss, (found.state, hits)

        (loss, (state, hits)), slopes = backends.value_and_gradient(forward)(weights)
        rate = numbers["learning_rate"]
        return [w - rate * g for w, g in zip(weights, slopes, strict=True)], state, loss, hits

    def steps(
        self,
        weights: Tensors,
        state: Tensors,
        numbers: Mapping[str, Any],
        data: Data,
        batches: Any,
        bounds: tuple[Any, Any],
        carry: Any,
    ) -> Any:
        size = batches.shape[1]

        def body(i: Any, now: Any) -> Any:
            weights, state, (total, right, early) = now
            batch = self.pick(numbers, data, batches[i])
            weights, state, loss, hits = self.step(weights, state, numbers, batch)
            early = ops.where(ops.equal(i, EARLY_STEP - 1), loss, early)
            return weights, state, (total + loss * size, right + hits, early)

        return ops.fori_loop(*bounds, body, (weights, state, carry))

    def last(
        self,
        weights: Tensors,
        state: Tensors,
        numbers: Mapping[str, Any],
        data: Data,
        positions: Any,
        carry: Any,
    ) -> Any:
        total, right, early = carry
        batch = self.pick(numbers, data, positions)
        weights, state, loss, hits = self.step(weights, state, numbers, batch)
        return weights, state, (total + loss * positions.shape[0], right + hits, early)

    def evaluate(
        self,
        mode: Any,
        weights: Tensors,
        state: Tensors,
        numbers: Mapping[str, Any],
        data: Data,
        positions: Any,
    ) -> tuple[Any, Any]:
        x, labels = self.pick(numbers, data, positions)
        logits = walk(self.model, weights, state, x, mode, numbers).logits
        return _cross_entropy(labels, logits), _hits(labels, logits)

    def precise(
        self,
        weights: Tensors,
        state: Tensors,
        numbers: Mapping[str, Any],
        data: Data,
        positions: Any,
    ) -> Tensors:
        # Without memory a moving average is the statistic of the one batch that it saw.
        forgetful = {**numbers, "momentum": ops.zeros((), "float32")}
        x, _ = self.pick(numbers, data, positions)
        return walk(self.model, weights, state, x, "batch", forgetful).state

    def outputs(
        self,
        weights: Tensors,
        state: Tensors,
        numbers: Mapping[str, Any],
        data: Data,
        positions: Any,
    ) -> Tensors:
        x, _ = self.pick(numbers, data, positions)
        found = walk(self.model, weights, state, x, "batch", numbers).outputs
        return [found[layer.name] for layer in self.model.layers if hasattr(layer, "kernel")]

    def probe(
        self,
        function: Callable[[Glance], Any],
        settings: Mapping[str, Any],
        now: tuple[Tensors, Tensors],
        before: tuple[Tensors, Tensors],
        numbers: Mapping[str, Any],
        data: Data,
        positions: Any,
    ) -> Any:
        x, y = self.pick(numbers, data, positions)
        names = [layer.name for layer in self.model.layers]
        glance = Glance(
            net=structure(self.shape.net),
            names=names_of(self.model),
            layers=tuple(name for name in names if name.startswith(("hidden", "output"))),
            kernels=tuple(self.kernels()),
            norms=tuple(name for name in names if name.startswith("norm") and name != "norm0"),
            weights=now[0],
            state=now[1],
            before=before,
            x=x,
            y=y,
            numbers=numbers,
            walk=lambda weights, state, x, mode, nudges: walk(
                self.model, weights, state, x, mode, numbers, nudges
            ),
            loss=lambda weights, state, x, y, nudges: self.loss(
                numbers, weights, state, (x, y), nudges
            )[0],
            settings=settings,
        )
        return function(glance)


def _cross_entropy(labels: Any, logits: Any) -> Any:
    return ops.mean(ops.sparse_categorical_crossentropy(labels, logits, from_logits=True))


def _hits(labels: Any, logits: Any) -> Any:
    return ops.equal(ops.cast(ops.argmax(logits, axis=-1), "int32"), labels)
