"""The compiled parts of a run by a recipe."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeAlias

import keras
from keras import ops

from bnreport.protocol.nets import Net
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.residual import Residual
from bnreport.training import backends
from bnreport.training.forward import Mode, Walk, _call
from bnreport.training.graphs import Graph, run, walk
from bnreport.training.recipes import nets, optimizers, statistics
from bnreport.training.recipes.accumulation import accumulated

Tensors: TypeAlias = list[Any]
Numbers: TypeAlias = Mapping[str, Any]
# Images and labels of the pool.
Data: TypeAlias = tuple[Any, Any]

# The step whose loss is compared across machines.
EARLY = 20
# Statistics are pooled over batches of so many images.
POOLED = 1_024


class Snapshot(NamedTuple):
    """The tensors that change from step to step.

    Attributes:
        weights: the trainable variables.
        state: the others; in the places of BN's statistics those of the last batch.
        kept: what the optimizer keeps.
        averages: moving averages of BN's statistics, (averages, units) for each.
    """

    weights: Tensors
    state: Tensors
    kept: Tensors
    averages: Tensors


@dataclass(frozen=True)
class Design:
    """The things that a program depends on, beside the shapes of its arguments."""

    net: Net | Residual
    image: tuple[int, int]
    classes: int
    prepares: bool
    rule: str
    decays: bool
    frozen: tuple[str, ...]
    statistics: str
    softmax: str
    bars: bool
    micro_batch: int

    @classmethod
    def of(cls, recipe: Recipe, image: tuple[int, int]) -> "Design":
        """The design of a recipe's program for images of that height and width."""
        return cls(
            net=recipe.net,
            image=image,
            classes=recipe.outputs,
            prepares=recipe.inputs != "raw",
            rule=recipe.optimizer.rule,
            decays=recipe.optimizer.weight_decay > 0,
            frozen=recipe.frozen,
            statistics=recipe.statistics,
            softmax=recipe.softmax,
            bars=recipe.bars,
            micro_batch=recipe.micro_batch,
        )


@dataclass(frozen=True)
class Compiled:
    """A net and its compiled functions; all numbers of a run are arguments, so runs share them.

    `numbers` holds those of the optimizer, `keep` and `take` of the averages, the noise, a momentum
    of 0, and shift and factor of the pixels. With that momentum the state of BN after a step is the
    statistics of its batch.

    Attributes:
        graph: the net; the variables of its own model are never changed.
        places: where the statistics of BN stand in the state.
        steps: (snapshot, numbers, data, batches, rates, bounds, sums) -> (snapshot, sums) after the
            steps [first, stop) of an epoch; batches are positions in the pool, (steps, batch size),
            rates those of the steps, and sums the loss by image, the hits, and the early loss; with
            bars also the images, and the sums over steps of the mean loss and accuracy so far.
        evaluate: (weights, state, numbers, data, positions) -> (mean loss, hits by image).
        by_batch: the same, normalized by the statistics of this batch.
        fresh: (weights, state, numbers, data, positions) -> statistics of BN, taken anew.
        means: the same by batches, (batches, batch size).
        slopes: (weights, state, numbers, data, positions) -> the norm of each kernel's gradient.
        branches: the same -> the size of branch and shortcut before each sum, (blocks, 2).
    """

    graph: Graph
    places: tuple[int, ...]
    steps: Callable[..., Any]
    evaluate: Callable[..., Any]
    by_batch: Callable[..., Any]
    fresh: Callable[..., Any]
    means: Callable[..., Any]
    slopes: Callable[..., Any]
    branches: Callable[..., Any]


@lru_cache(maxsize=64)
def compiled(design: Design) -> Compiled:
    """The programs of a design; they compile on their first call in a process."""
    maker = _Maker(nets.graph_of(design.net, design.image, design.classes), design)
    put = partial(backends.compiled, xla=nets.xla_is_faster(design.net))
    return Compiled(
        graph=maker.graph,
        places=tuple(statistics.places(maker.graph)),
        steps=put(maker.steps),
        evaluate=put(partial(maker.evaluate, "inference")),
        by_batch=put(partial(maker.evaluate, "batch")),
        # It runs a few times in a run: compiling it would take longer.
        fresh=backends.compiled(maker.fresh, xla=False),
        means=put(maker.means),
        slopes=backends.compiled(maker.slopes, xla=False),
        branches=backends.compiled(maker.branches, xla=False),
    )


@dataclass(frozen=True)
class _Maker:
    """The functions of a program before they are compiled."""

    graph: Graph
    design: Design

    def pick(self, numbers: Numbers, data: Data, positions: Any) -> Data:
        x, y = (ops.take(all_of_them, positions, axis=0) for all_of_them in data)
        return ((x - numbers["shift"]) * numbers["factor"] if self.design.prepares else x), y

    def steps(
        self,
        snapshot: Snapshot,
        numbers: Numbers,
        data: Data,
        batches: Any,
        rates: Any,
        bounds: tuple[Any, Any],
        sums: tuple[Any, ...],
    ) -> Any:
        size = batches.shape[1]

        def body(i: Any, carry: Any) -> Any:
            snapshot, (total, right, early, *bars) = carry
            batch = self.pick(numbers, data, batches[i])
            snapshot, loss, hits = self.step(snapshot, numbers, batch, rates[i])
            early = ops.where(ops.equal(i, EARLY - 1), loss, early)
            total, right = total + loss * size, right + hits
            if self.design.bars:
                images, losses, accuracies = bars
                images = images + size
                bars = [images, losses + total / images, accuracies + right / images]
            return snapshot, (total, right, early, *bars)

        return ops.fori_loop(*bounds, body, (snapshot, sums))

    def step(
        self, snapshot: Snapshot, numbers: Numbers, batch: Data, rate: Any
    ) -> tuple[Snapshot, Any, Any]:
        each = partial(self.gradient, numbers=numbers)
        if self.design.micro_batch:
            seen, slopes, loss, hits = accumulated(each, snapshot, batch, self.design.micro_batch)
        else:
            seen, slopes, loss, hits = each(snapshot, batch)
        frozen = self.frozen()
        weights, kept = optimizers.apply(
            self.design.rule,
            seen.weights,
            [None if i in frozen else slope for i, slope in enumerate(slopes)],
            seen.kept,
            rate,
            numbers,
            self.kernels() if self.design.decays else (),
        )
        return seen._replace(weights=weights, kept=kept), loss, hits

    def gradient(
        self, snapshot: Snapshot, batch: Data, numbers: Numbers
    ) -> tuple[Snapshot, Tensors, Any, Any]:
        """See a batch: the statistics after it, the gradients of its loss, its loss and hits."""

        def forward(weights: Tensors) -> tuple[Any, tuple[Tensors, Any]]:
            walked = self.trained(weights, snapshot.state, batch[0], numbers)
            hits = ops.sum(ops.cast(_hits(batch[1], walked.logits), "float32"))
            return self.loss(batch[1], walked.logits), (walked.state, hits)

        (loss, (state, hits)), slopes = backends.value_and_gradient(forward)(snapshot.weights)
        own = [state[place] for place in statistics.averaged(self.graph)]
        averages = statistics.moved(snapshot.averages, own, numbers["keep"], numbers["take"])
        return snapshot._replace(state=state, averages=averages), slopes, loss, hits

    def trained(self, weights: Tensors, state: Tensors, x: Any, numbers: Numbers) -> Walk:
        """Walk in training mode, but for BN that normalizes by the statistics of a start."""
        still = nets.matching(self.graph, self.design.frozen)
        if self.design.statistics == "start":
            still |= nets.normalizers(self.graph)

        def call(layer: keras.Layer, mine: Tensors, own: Tensors, x: Any) -> tuple[Any, Tensors]:
            mode: Mode = "inference" if layer.name in still else "training"
            return _call(layer, mine, own, x, mode, numbers)

        return run(self.graph, weights, state, x, call)

    def loss(self, labels: Any, logits: Any) -> Any:
        """Return the mean cross-entropy; with two softmaxes where a net ends in one by mistake."""
        if self.design.softmax == "twice":
            # Keras on TensorFlow undoes a softmax right before this loss: it must not stand there.
            logits = 1.0 * ops.softmax(logits)
        return _cross_entropy(labels, logits)

    def kernels(self) -> tuple[int, ...]:
        """Return the places of the kernels among the trainable variables."""
        variables = self.graph.model.trainable_variables
        return tuple(i for i, v in enumerate(variables) if v.name == "kernel")

    def frozen(self) -> frozenset[int]:
        """Return the places of the trainable variables that do not change."""
        layers = nets.matching(self.graph, self.design.frozen)
        names = enumerate(nets.names(self.graph))
        return frozenset(i for i, name in names if name.partition("/")[0] in layers)

    def evaluate(
        self,
        mode: Mode,
        weights: Tensors,
        state: Tensors,
        numbers: Numbers,
        data: Data,
        positions: Any,
    ) -> tuple[Any, Any]:
        x, labels = self.pick(numbers, data, positions)
        logits = walk(self.graph, weights, state, x, mode, numbers).logits
        return self.loss(labels, logits), _hits(labels, logits)

    def fresh(
        self, weights: Tensors, state: Tensors, numbers: Numbers, data: Data, positions: Any
    ) -> Tensors:
        x, _ = self.pick(numbers, data, positions)
        return statistics.fresh(self.graph, weights, state, x, POOLED)

    def means(
        self, weights: Tensors, state: Tensors, numbers: Numbers, data: Data, batches: Any
    ) -> Tensors:
        x, _ = self.pick(numbers, data, ops.reshape(batches, (-1,)))
        x = ops.reshape(x, (*batches.shape, *x.shape[1:]))
        return statistics.means(self.graph, weights, state, x, numbers)

    def slopes(
        self, weights: Tensors, state: Tensors, numbers: Numbers, data: Data, positions: Any
    ) -> Any:
        x, labels = self.pick(numbers, data, positions)

        def loss(weights: Tensors) -> tuple[Any, Any]:
            return self.loss(labels, self.trained(weights, state, x, numbers).logits), ()

        _, slopes = backends.value_and_gradient(loss)(weights)
        return ops.stack([ops.sqrt(ops.sum(ops.square(slopes[i]))) for i in self.kernels()])

    def branches(
        self, weights: Tensors, state: Tensors, numbers: Numbers, data: Data, positions: Any
    ) -> Any:
        x, _ = self.pick(numbers, data, positions)
        outputs = self.trained(weights, state, x, numbers).outputs
        sums = [node for node in self.graph.nodes if isinstance(node.layer, keras.layers.Add)]
        return ops.stack([ops.stack([_size(outputs[name]) for name in n.inputs]) for n in sums])


def _size(x: Any) -> Any:
    """Return the root mean square, also where the squares would be too large."""
    largest = ops.max(ops.abs(x))
    unit = ops.where(ops.equal(largest, 0), ops.ones_like(largest), largest)
    return unit * ops.sqrt(ops.mean(ops.square(x / unit)))


def _cross_entropy(labels: Any, logits: Any) -> Any:
    return ops.mean(ops.sparse_categorical_crossentropy(labels, logits, from_logits=True))


def _hits(labels: Any, logits: Any) -> Any:
    return ops.equal(ops.cast(ops.argmax(logits, axis=-1), "int32"), labels)
