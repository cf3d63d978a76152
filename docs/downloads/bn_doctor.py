"""Say whether batch normalization (BN) is why a net evaluates badly. One file; it needs NumPy.

    import bn_doctor
    report = bn_doctor.diagnose(model, x_val, y_val, x_train=x_train)

The model is one of Keras 3 or PyTorch. The same images are scored three times: by the averages that
the model keeps, by the statistics of their own batch, and by fresh statistics of training images.
Which of the three differ says where the fault lies; the page `failures.html` of "Batch
normalization, measured" explains each cause by the anchor that the report names.

The model is only borrowed. Nothing is trained: while the doctor looks, the normalizers are handed
other statistics, and all else runs in inference mode, without dropout. What a model changes by
itself when it is called is put back. Nothing is called a fault when the difference may be chance or
is too small to matter.
"""

from __future__ import annotations

import inspect
import math
import sys
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

__all__ = ["Cause", "Difference", "DoctorError", "Layer", "Report", "diagnose"]

Array = np.ndarray
# A difference is no chance when it is so many standard errors, and a sign test agrees: over the
# handful of comparisons of a report that accuses fewer than one sound model in a thousand.
ERRORS, CHANCE = 3.5, 2e-4
# The least difference that matters: two points of accuracy, or a twentieth of another score.
POINTS, SHARE = 0.02, 0.05
# How many images are looked at, at most: of the training images, and of those among them scored.
FRESH, SCORED = 10_240, 2_048
# Batches with fewer values for each channel are called tiny.
TINY = 16
ROWS = {
    "averages": (
        "low, high, high",
        "The averages are wrong, and the weights are sound.",
    ),
    "data": (
        "low, high, low",
        "The data of this evaluation do not fit the statistics of training.",
    ),
    "training": (
        "low, low, low",
        "Training itself has seen other statistics than any evaluation has.",
    ),
    "batches": (
        "high, low, high",
        "Only batches of these images mislead, which is harmless in inference mode.",
    ),
}


class DoctorError(ValueError):
    """What the doctor cannot look at; the message says what was expected and what to do."""


@dataclass(frozen=True)
class Difference:
    """How much more the same images score by one kind of statistics than by another.

    Attributes:
        of: the two kinds of statistics, "fresh - averages", say.
        mean: the mean difference, in the unit of the score.
        error: its standard error over images, or over batches where that is larger.
        sure: whether it is both more than chance and more than the least that matters.
    """

    of: str
    mean: float
    error: float
    sure: bool


@dataclass(frozen=True)
class Layer:
    """A normalizer, and how far what it keeps is from fresh statistics.

    Attributes:
        name: where it stands in the model.
        calls: how often a forward pass calls it.
        frozen: whether training leaves its averages alone.
        keeps: the share of the old average that is kept at each step, as Keras gives momentum; for
            PyTorch that is one minus its momentum. None is the plain mean of all batches.
        mean_off: kept less fresh mean in fresh standard deviations, root mean square over channels.
        spread_off: the factor between kept and fresh standard deviation, typical of a channel; at
            least 1, whichever is larger.
        spread_ratio: kept over fresh standard deviation, in the median channel.
        broken: how many channels keep NaN, infinity or a negative variance.
        negative: how many of these keep a negative variance.
        constant: how many channels do not vary over the training images.
        moved: how far the mean of the evaluated images lies from that of the training images, in
            the same unit as `mean_off`.
        apart: the distance between the means of its calls, where it is called more than once.
        by_batch: whether it normalizes by the batch in inference, too.
    """

    name: str
    calls: int
    frozen: bool
    keeps: float | None
    mean_off: float
    spread_off: float
    spread_ratio: float
    broken: int
    negative: int
    constant: int
    moved: float
    apart: float
    by_batch: bool


@dataclass(frozen=True)
class Cause:
    """A likely cause: the anchor on failures.html, its title there, and what speaks for it."""

    anchor: str
    title: str
    why: str

    @property
    def link(self) -> str:
        """The place on the site that explains it."""
        return f"failures.html#{self.anchor}"


@dataclass(frozen=True)
class Report:
    """What the doctor found.

    Attributes:
        library: "Keras" or "PyTorch".
        images: how many images were scored.
        score: the name of the score.
        scores: its mean by kind of statistics: "averages", "batch" and "fresh"; where labels of
            training images were given, the same with "train " before it.
        differences: the comparisons that decide.
        layers: the normalizers, in the order in which they are called.
        row: the row of the page's table, a key of `ROWS`; None where none stands out.
        causes: what is at fault, most likely first; empty for a sound model.
        suspicions: settings that look like a mistake, although the scores show no harm.
        notes: what else a reader should know.
    """

    library: str
    images: int
    score: str
    scores: dict[str, float]
    differences: tuple[Difference, ...] = ()
    layers: tuple[Layer, ...] = ()
    row: str | None = None
    causes: tuple[Cause, ...] = ()
    suspicions: tuple[Cause, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether nothing speaks against batch normalization here."""
        return not self.causes

    @property
    def at_fault(self) -> tuple[Layer, ...]:
        """The layers at fault, the worst first: none where nothing is."""
        if self.healthy:
            return ()
        return tuple(sorted(filter(_odd, self.layers), key=_badness, reverse=True))

    def as_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries and lists."""
        return asdict(self) | {"healthy": self.healthy}

    def __str__(self) -> str:
        return "\n".join(_told(self))


def diagnose(  # noqa: PLR0913, each of these is one thing that a user may have
    model: Any,
    x: Any,
    y: Any,
    *,
    x_train: Any = None,
    y_train: Any = None,
    batches: Sequence[tuple[Any, Any]] | None = None,
    score: str | Callable[[Array, Array], Array] = "accuracy",
    batch_size: int = 256,
    least: float | None = None,
    show: bool = True,
) -> Report:
    """Score a model three times, and say what that means.

    Args:
        model: a model of Keras 3 that is built, or a module of PyTorch.
        x: images to evaluate on, or other inputs: an array whose first axis counts them, or a list
            or dictionary of such arrays where the model takes several.
        y: their labels: class numbers, or one-hot.
        x_train: training inputs, prepared just as in training. Not needed where `batches` is given.
        y_train: their labels; then training images are scored, too.
        batches: some batches of inputs and labels exactly as training sees them, in a list. Faults
            of the batches themselves (tiny, sorted, repeated) can be found with these alone.
        score: "accuracy"; "squared error"; or a function of outputs and labels that returns one
            number an example, the higher the better.
        batch_size: how many images share a batch where the doctor makes the batches.
        least: the least difference that matters, in the unit of the score. By default two points of
            accuracy, or a twentieth of another score.
        show: whether to print the report.

    Returns:
        The report, which also prints itself.

    Raises:
        DoctorError: when the model, the data or the score are not what the doctor knows.
    """
    with ExitStack() as stack:
        net = stack.enter_context(_opened(model))
        report = _examined(net, x, y, x_train, y_train, batches, _Scale(score, least), batch_size)
    if show:
        print(report)  # noqa: T201, what it is for
    return report


# ---- What is compared -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Scale:
    """A score and the least difference that matters."""

    score: str | Callable[[Array, Array], Array]
    least: float | None

    @property
    def name(self) -> str:
        if isinstance(self.score, str):
            return self.score
        return getattr(self.score, "__name__", "score")

    def of(self, outputs: Array, y: Array, classes: int) -> Array:
        """One number for each example, the higher the better; what is not finite counts as worst.

        Args:
            outputs: what the model returns, (n, ...).
            y: labels.
            classes: the axis of the classes.
        """
        if callable(self.score):
            found = np.asarray(self.score(outputs, y), float)
            if found.shape != (len(y),):
                raise DoctorError(
                    f"Expected a score that gives one number for each of {len(y)} examples. "
                    f"Received: an array of shape {found.shape}. Do not take the mean in it."
                )
            return found
        flat = outputs.reshape(len(outputs), -1)
        whole = np.isfinite(flat).all(axis=1)
        if self.score == "squared error":
            gap = flat - np.asarray(y, float).reshape(len(y), -1)
            return np.where(whole, -np.square(gap).mean(axis=1), -np.inf)
        if self.score != "accuracy":
            raise DoctorError(
                'Expected a score: "accuracy", "squared error" or a function. '
                f"Received: {self.score!r}."
            )
        return np.where(whole, _right(outputs, y, classes), 0.0)

    def least_of(self, scores: Sequence[Array]) -> float:
        """The least difference that matters, given all scores."""
        if self.least is not None:
            return self.least
        if self.score == "accuracy":
            return POINTS
        means = [abs(float(s[np.isfinite(s)].mean())) for s in scores if np.isfinite(s).any()]
        return SHARE * min(means, default=1.0)


def _right(outputs: Array, y: Array, classes: int) -> Array:
    """The share of right answers in each example."""
    if outputs.ndim < 2 or outputs.shape[classes] < 2:
        raise DoctorError(
            "Expected outputs with one number a class, to tell right from wrong. "
            f"Received: shape {outputs.shape}. Give `score`: a function of outputs and labels that "
            'returns one number an example, or "squared error".'
        )
    y = np.asarray(y)
    answers = outputs.argmax(axis=classes)
    if y.shape == outputs.shape:
        y = y.argmax(axis=classes)
    elif y.shape == (*answers.shape, 1):
        y = y[..., 0]
    if y.shape != answers.shape:
        raise DoctorError(
            f"Expected labels of shape {answers.shape}, or one-hot of shape {outputs.shape}. "
            f"Received: {y.shape}."
        )
    return np.asarray((answers == y).reshape(len(y), -1).mean(axis=1))


def _difference(of: str, a: Array, b: Array, least: float, groups: Array | None) -> Difference:
    """Compare two scores of the same examples.

    Args:
        of: the names of both.
        a: the score that may be higher, one number an example.
        b: the other.
        least: the least difference that matters.
        groups: the batch of each example, where mates share the fate of their batch.
    """
    # Where both are infinitely bad, neither is better.
    with np.errstate(invalid="ignore"):
        gap = np.where(a == b, 0.0, a - b)
    gap = np.clip(gap, -1e30, 1e30)
    mean, error = float(gap.mean()), _error(gap)
    if groups is not None and len(set(groups.tolist())) >= 8:
        sums = np.array([gap[groups == group].sum() for group in np.unique(groups)])
        error = max(error, _error(sums) * len(sums) / len(gap))
    up, down = int((gap > 0).sum()), int((gap < 0).sum())
    sure = mean >= least and mean > ERRORS * error and up > down and _signs(up, down) < CHANCE
    return Difference(of, mean, error, sure)


def _error(values: Array) -> float:
    """The standard error of a mean."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.inf


def _signs(up: int, down: int) -> float:
    """The probability of so uneven signs, or more uneven ones, if both were as likely."""
    n, few = up + down, min(up, down)
    if n == 0:
        return 1.0
    if n > 1_000:
        return math.erfc(max(abs(up - down) - 1, 0) / math.sqrt(2 * n))
    as_uneven: int = 2 * sum(math.comb(n, k) for k in range(few + 1))
    return min(1.0, float(as_uneven / 2**n))


# ---- Statistics -----------------------------------------------------------------------------


@dataclass
class _Taken:
    """Statistics of a normalizer, summed over batches; all of shape (channels,).

    `means` and `variances` are sums over batches and calls; `by_call` sums the means of each call.
    """

    batches: int = 0
    means: Any = 0.0
    variances: Any = 0.0
    fewest: int = sys.maxsize
    by_call: list[Any] = field(default_factory=list)

    def add(self, call: int, rows: Array) -> tuple[Array, Array]:
        """Take in what a call was given, (rows, channels); its mean and its biased variance."""
        mean, variance = rows.mean(axis=0), rows.var(axis=0)
        self.batches += 1
        self.means, self.variances = self.means + mean, self.variances + variance
        self.fewest = min(self.fewest, len(rows))
        self.by_call += [0.0] * (call + 1 - len(self.by_call))
        self.by_call[call] = self.by_call[call] + mean
        return mean, variance

    @property
    def mean(self) -> Array:
        return np.asarray(self.means / self.batches)

    @property
    def variance(self) -> Array:
        return np.asarray(self.variances / self.batches)

    def apart(self, epsilon: float) -> float:
        """The largest distance between the means of two calls, root mean square over channels."""
        if len(self.by_call) < 2:
            return 0.0
        each = self.batches / len(self.by_call)
        means = np.array(self.by_call) / each
        spread = np.sqrt(self.variance + epsilon)
        gaps = [(a - b) / spread for i, a in enumerate(means) for b in means[:i]]
        return float(max(_rms(gap) for gap in gaps))


@dataclass
class _Norm:
    """A normalizer of a model, whatever its library; `kept` are a mean and a variance, or None."""

    name: str
    layer: Any
    axis: int
    epsilon: float
    keeps: float | None
    frozen: bool
    kept: tuple[Array, Array] | None
    steps: int | None = None
    by_batch: bool = False
    calls: int = 0
    behind_dropout: bool = False


Chooser = Callable[[_Norm, int, Array], tuple[Array, Array]]


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


# ---- The two libraries ----------------------------------------------------------------------


class _Net(ABC):
    """A borrowed model: how it answers, and how its normalizers answer with other statistics."""

    library = ""
    classes = -1
    norms: list[_Norm]
    counted: Counter[int]
    # What is asked of it: whether answers are random, and whether they depend on their mates.
    random = False
    mates = False

    @abstractmethod
    def answer(self, x: Any) -> Array:
        """The outputs of the model in inference mode."""

    @abstractmethod
    def handed(self, norm: _Norm, choose: Chooser, counted: Counter[int]) -> Any:
        """A context in which a normalizer uses the statistics that are chosen for each call."""

    def remarks(self) -> Iterator[Cause]:
        """Settings that look like a mistake."""
        yield from ()

    def averaged(self) -> str:
        """What says that the weights are an average; empty where nothing does."""
        return ""

    @abstractmethod
    def finite(self) -> bool:
        """Whether the trained weights are finite."""

    @contextmanager
    def by(self, choose: Chooser) -> Iterator[None]:
        """Let all normalizers use the statistics that are chosen for each call."""
        counted: Counter[int] = Counter()
        with ExitStack() as stack:
            for norm in self.norms:
                stack.enter_context(self.handed(norm, choose, counted))
            # The number of a call begins again with each forward pass.
            self.counted = counted
            yield

    def outputs(self, x: Any, pieces: Sequence[Array]) -> Array:
        """The outputs for inputs that are sent in pieces, in the order of the inputs."""
        found: list[Array] = []
        for piece in pieces:
            self.counted.clear()
            found.append(self.answer(_picked(x, piece)))
        outputs = np.concatenate(found)
        back = np.argsort(np.concatenate(pieces), kind="stable")
        return outputs[back]


@contextmanager
def _opened(model: Any) -> Iterator[_Net]:
    """Borrow a model of either library."""
    keras, torch = sys.modules.get("keras"), sys.modules.get("torch")
    # Under its PyTorch backend a layer of Keras is a module, too.
    if keras is not None and isinstance(model, keras.layers.Layer):
        net = _Keras(model, keras)
        with _put_back(model, keras):
            yield net
    elif torch is not None and isinstance(model, torch.nn.Module):
        with _lent(model, torch) as lent:
            yield _Torch(lent, torch)
    else:
        raise DoctorError(
            "Expected a model of Keras 3 or a module of PyTorch. "
            f"Received: {type(model).__module__}.{type(model).__name__}."
        )


class _Keras(_Net):
    """A model of Keras 3."""

    library = "Keras"

    def __init__(self, model: Any, keras: Any) -> None:
        if not model.built:
            raise DoctorError(
                f"Expected a model that is built. Received: {model.name}, which has no weights "
                "yet. Call it on a few inputs first."
            )
        self.model, self.keras, self.counted = model, keras, Counter()
        kind = keras.layers.BatchNormalization
        self.parts = model._flatten_layers()
        layers = [layer for layer in self.parts if isinstance(layer, kind)]
        owned = {id(layer.moving_mean) for layer in layers}
        lost = [v.path for v in model.variables if v.name == "moving_mean" and id(v) not in owned]
        if lost:
            raise DoctorError(
                "Expected every moving mean to be that of a keras.layers.BatchNormalization. "
                f"Received: {', '.join(lost)}. The doctor cannot hand other statistics to it."
            )
        if unbuilt := [layer.name for layer in layers if layer.moving_mean is None]:
            raise DoctorError(
                "Expected normalizers that are built. "
                f"Received: {', '.join(unbuilt)}. Call the model on a few inputs first."
            )
        self.norms = [self._norm(layer) for layer in layers]

    def _norm(self, layer: Any) -> _Norm:
        numpy = self.keras.ops.convert_to_numpy
        kept = (np.array(numpy(v), float) for v in (layer.moving_mean, layer.moving_variance))
        mean, variance = kept
        optimizer = getattr(self.model, "optimizer", None)
        steps = int(numpy(optimizer.iterations)) if optimizer is not None else 0
        before = self.parts[: next(i for i, part in enumerate(self.parts) if part is layer)]
        return _Norm(
            name=layer.moving_mean.path.rpartition("/")[0],
            layer=layer,
            axis=layer.axis,
            epsilon=layer.epsilon,
            keeps=layer.momentum,
            frozen=not layer.trainable,
            kept=(mean, variance),
            steps=steps or None,
            behind_dropout=any(getattr(part, "rate", 0) for part in before),
        )

    def answer(self, x: Any) -> Array:
        found = self.model(x, training=False)
        if isinstance(found, list | tuple | dict):
            raise DoctorError(_many(type(found)))
        return np.asarray(self.keras.ops.convert_to_numpy(found), float)

    def watch(self, x: Any) -> None:
        """See which normalizers a forward pass calls, how often, and in which mode."""
        kind = self.keras.layers.BatchNormalization
        original, seen = kind.call, list[tuple[Any, bool]]()
        read = inspect.signature(original)

        def watched(layer: Any, *args: Any, **more: Any) -> Any:
            told = read.bind(layer, *args, **more).arguments
            seen.append((layer, bool(told.get("training")) and layer.trainable))
            return original(layer, *args, **more)

        kind.call = watched
        try:
            self.answer(x)
        finally:
            kind.call = original
        known = {id(norm.layer): norm for norm in self.norms}
        for layer, _ in seen:
            if id(layer) not in known:
                raise DoctorError(
                    "Expected every normalizer to be a part that Keras tracks. Received: "
                    f"{layer.name}, which the model calls and does not list among its layers. "
                    "Make it an attribute of a layer."
                )
        _count(self.norms, [(known[id(layer)], batch) for layer, batch in seen])

    @contextmanager
    def handed(self, norm: _Norm, choose: Chooser, counted: Counter[int]) -> Iterator[None]:
        layer, ops = norm.layer, self.keras.ops
        original, kept = layer.call, (layer.moving_mean, layer.moving_variance)
        read = inspect.signature(original)

        def call(*args: Any, **more: Any) -> Any:
            bound = read.bind(*args, **more)
            inputs, mask = bound.args[0], bound.arguments.get("mask")
            if "training" in read.parameters:
                bound.arguments["training"] = False
            mean, variance = choose(norm, counted[id(norm)], self._rows(norm, inputs, mask))
            counted[id(norm)] += 1
            for name, value in (("moving_mean", mean), ("moving_variance", variance)):
                object.__setattr__(layer, name, ops.convert_to_tensor(value.astype("float32")))
            try:
                return original(*bound.args, **bound.kwargs)
            finally:
                object.__setattr__(layer, "moving_mean", kept[0])
                object.__setattr__(layer, "moving_variance", kept[1])

        # Past the layer's own book-keeping: this is no part of it.
        object.__setattr__(layer, "call", call)
        try:
            yield
        finally:
            object.__delattr__(layer, "call")

    def _rows(self, norm: _Norm, inputs: Any, mask: Any) -> Array:
        try:
            values = np.asarray(self.keras.ops.convert_to_numpy(inputs), float)
            masked = None if mask is None else np.asarray(self.keras.ops.convert_to_numpy(mask))
        except Exception as error:
            raise DoctorError(
                f"Expected to see what reaches {norm.name}. Received: {type(error).__name__}, since"
                " it runs in compiled code. Call the model without jit or tf.function around it."
            ) from error
        values = np.moveaxis(values, norm.axis, -1)
        if masked is not None and masked.shape == values.shape[:-1] and masked.any():
            return np.asarray(values[masked.astype(bool)])
        return np.asarray(values.reshape(-1, values.shape[-1]))

    def remarks(self) -> Iterator[Cause]:
        first = [part.name for part in self.parts if _channels_first(part)]
        wrong = [norm.name for norm in self.norms if norm.axis == norm.layer.input_spec.ndim - 1]
        wrong += [norm.name for norm in self.norms if norm.axis == -1]
        images = {n.name for n in self.norms if n.layer.input_spec.ndim > 2}
        if first and (odd := [name for name in wrong if name in images]):
            yield Cause(
                "the-wrong-axis",
                "The wrong axis",
                f"{odd[0]} keeps the last axis, and {first[0]} has its channels first; it should "
                "say axis=1",
            )

    def averaged(self) -> str:
        optimizer = getattr(self.model, "optimizer", None)
        told = optimizer is not None and getattr(optimizer, "use_ema", False)
        return "the optimizer says use_ema=True, which leaves the statistics out" if told else ""

    def finite(self) -> bool:
        weights = (self.keras.ops.convert_to_numpy(v) for v in self.model.trainable_variables)
        return all(np.isfinite(np.asarray(weight, float)).all() for weight in weights)


def _channels_first(part: Any) -> bool:
    return getattr(part, "data_format", None) == "channels_first"


@contextmanager
def _put_back(model: Any, keras: Any) -> Iterator[None]:
    """Keep what calls may change: the averages of a layer that insists on training mode, say."""
    numbers = [v for v in model.variables if "string" not in str(v.dtype)]
    kept = [(v, np.array(keras.ops.convert_to_numpy(v))) for v in numbers]
    try:
        yield
    finally:
        for variable, value in kept:
            if not np.array_equal(keras.ops.convert_to_numpy(variable), value, equal_nan=True):
                variable.assign(value)


class _Torch(_Net):
    """A module of PyTorch, which is in inference mode while it is lent."""

    library = "PyTorch"
    classes = 1

    def __init__(self, lent: _Lent, torch: Any) -> None:
        self.torch, self.lent, self.counted = torch, lent, Counter()
        self.model = model = lent.model
        kind = torch.nn.modules.batchnorm._BatchNorm
        self.parts = list(model.named_modules())
        layers = {name: part for name, part in self.parts if isinstance(part, kind)}
        instance = torch.nn.modules.instancenorm._InstanceNorm
        lost = [
            f"{name}.running_mean".lstrip(".")
            for name, part in self.parts
            if "running_mean" in part._buffers and not isinstance(part, kind | instance)
        ]
        if lost:
            raise DoctorError(
                "Expected every running_mean to be that of a torch.nn.BatchNorm layer. Received: "
                f"{', '.join(lost)}. The doctor cannot hand other statistics to it."
            )
        self.norms = [self._norm(name, part) for name, part in layers.items()]
        tensors = [*model.parameters(), *model.buffers()]
        self.device = tensors[0].device if tensors else torch.device("cpu")
        floats = [tensor.dtype for tensor in tensors if tensor.is_floating_point()]
        self.dtype = floats[0] if floats else torch.float32

    def _norm(self, name: str, part: Any) -> _Norm:
        kept = None
        if part.running_mean is not None:
            tensors = (part.running_mean, part.running_var)
            mean, variance = (t.detach().double().cpu().numpy().copy() for t in tensors)
            kept = (mean, variance)
        names = [other for other, _ in self.parts]
        before = self.parts[: names.index(name)]
        counted = part.num_batches_tracked
        # A part that was put into eval() while the rest was training has kept its averages.
        frozen = self.lent.modes[()] and not self.lent.modes[name] and kept is not None
        return _Norm(
            name=name or type(part).__name__,
            layer=part,
            axis=1,
            epsilon=part.eps,
            keeps=None if part.momentum is None else 1.0 - part.momentum,
            frozen=bool(frozen),
            kept=kept,
            steps=int(counted) if counted is not None and int(counted) else None,
            behind_dropout=any(getattr(other, "p", 0) for _, other in before),
        )

    def answer(self, x: Any) -> Array:
        with self.torch.no_grad():
            if isinstance(x, dict):
                found = self.model(**{name: self._tensor(value) for name, value in x.items()})
            elif isinstance(x, list | tuple):
                found = self.model(*map(self._tensor, x))
            else:
                found = self.model(self._tensor(x))
        if not isinstance(found, self.torch.Tensor):
            raise DoctorError(_many(type(found)))
        return np.asarray(found.detach().double().cpu().numpy())

    def _tensor(self, values: Array) -> Any:
        tensor = self.torch.as_tensor(np.ascontiguousarray(values)).to(self.device)
        return tensor.to(self.dtype) if tensor.is_floating_point() else tensor

    def watch(self, x: Any) -> None:
        """See which normalizers a forward pass calls, how often, and in which mode."""
        kind = self.torch.nn.modules.batchnorm._BatchNorm
        seen = list[tuple[Any, bool]]()

        def watched(part: Any, inputs: Any) -> None:
            del inputs
            if isinstance(part, kind):
                seen.append((part, part.training or part.running_mean is None))

        hook = self.torch.nn.modules.module.register_module_forward_pre_hook(watched)
        try:
            self.answer(x)
        finally:
            hook.remove()
        known = {id(norm.layer): norm for norm in self.norms}
        for part, _ in seen:
            if id(part) not in known:
                raise DoctorError(
                    "Expected every normalizer to be a module of the model. Received: "
                    f"{type(part).__name__}, which the model calls and does not list. Make it an "
                    "attribute, or use torch.nn.ModuleList in place of a list."
                )
        _count(self.norms, [(known[id(part)], batch) for part, batch in seen])

    @contextmanager
    def handed(self, norm: _Norm, choose: Chooser, counted: Counter[int]) -> Iterator[None]:
        part = norm.layer
        original, buffers = part.forward, part._buffers
        like = part.weight if part.weight is not None else part.running_mean

        def forward(inputs: Any, *args: Any, **more: Any) -> Any:
            values = np.moveaxis(inputs.detach().double().cpu().numpy(), 1, -1)
            rows = values.reshape(-1, values.shape[-1])
            chosen = choose(norm, counted[id(norm)], rows)
            counted[id(norm)] += 1
            kept = buffers["running_mean"], buffers["running_var"], part.training
            dtype = inputs.dtype if like is None else like.dtype
            tensors = [
                self.torch.as_tensor(value, dtype=dtype, device=inputs.device) for value in chosen
            ]
            buffers["running_mean"], buffers["running_var"] = tensors
            part.training = False
            try:
                return original(inputs, *args, **more)
            finally:
                buffers["running_mean"], buffers["running_var"], part.training = kept

        part.forward = forward
        try:
            yield
        finally:
            del part.forward

    def averaged(self) -> str:
        if self.lent.averaged is None:
            return ""
        return f"the model is an {self.lent.averaged} of torch.optim.swa_utils"

    def finite(self) -> bool:
        return all(bool(self.torch.isfinite(each).all()) for each in self.model.parameters())


@dataclass(frozen=True)
class _Lent:
    """A module in inference mode; the modes in which its parts came, that of the whole at ()."""

    model: Any
    modes: dict[Any, bool]
    averaged: str | None


@contextmanager
def _lent(model: Any, torch: Any) -> Iterator[_Lent]:
    """Borrow a module: in inference mode, and afterwards in the modes in which it came."""
    lazy = torch.nn.parameter.is_lazy
    if any(lazy(each) for each in (*model.parameters(), *model.buffers())):
        raise DoctorError(
            f"Expected a module that knows its sizes. Received: a lazy {type(model).__name__}. "
            "Call it on a few inputs first."
        )
    parts = list(model.modules())
    modes = [part.training for part in parts]
    # A module that insists on training mode moves its averages when it is called.
    buffers = [(buffer, buffer.detach().clone()) for buffer in model.buffers()]
    # What wraps a model for speed or for several devices is not needed to look at it.
    inner, averaged = model, None
    for _ in range(4):
        name = type(inner).__name__
        averaged = name if name == "AveragedModel" else averaged
        if name in {"DataParallel", "DistributedDataParallel", "AveragedModel"}:
            inner = inner.module
        inner = getattr(inner, "_orig_mod", inner)
    if isinstance(inner, torch.jit.ScriptModule):
        raise DoctorError(
            "Expected a module that runs as Python. Received: a ScriptModule, in which nothing can "
            "be handed over. Give the model from which it was made."
        )
    told: dict[Any, bool] = {name: part.training for name, part in inner.named_modules()}
    told[()] = inner.training
    try:
        model.eval()
        with torch.random.fork_rng(devices=[]):
            yield _Lent(inner, told, averaged)
    finally:
        for part, mode in zip(parts, modes, strict=True):
            part.training = mode
        with torch.no_grad():
            for buffer, value in buffers:
                if not torch.equal(torch.nan_to_num(buffer), torch.nan_to_num(value)):
                    buffer.copy_(value)


def _count(norms: list[_Norm], seen: Sequence[tuple[_Norm, bool]]) -> None:
    """Write down how often each is called, and put them into the order of their first calls."""
    for norm, batch in seen:
        norm.calls += 1
        norm.by_batch |= batch
    order = {id(norm): place for place, (norm, _) in reversed(list(enumerate(seen)))}
    norms.sort(key=lambda norm: order.get(id(norm), len(seen)))


def _many(kind: type) -> str:
    return (
        "Expected a model that returns one array. "
        f"Received: a {kind.__name__}. Wrap it in one that returns what is to be scored."
    )


# ---- Inputs ---------------------------------------------------------------------------------


def _arrays(x: Any, name: str) -> Any:
    """Inputs as NumPy arrays: one, or a list or dictionary of them."""
    if isinstance(x, dict):
        return {key: _array(value, name) for key, value in x.items()}
    if isinstance(x, list | tuple) and x and all(hasattr(part, "shape") for part in x):
        return [_array(part, name) for part in x]
    return _array(x, name)


def _array(values: Any, name: str) -> Array:
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        values = values.float() if "bfloat16" in str(values.dtype) else values
    found = np.asarray(values)
    if found.dtype == object or found.ndim == 0:
        raise DoctorError(
            f"Expected `{name}` as arrays whose first axis counts the examples. "
            f"Received: {type(values).__name__}. Collect some batches of it into arrays first."
        )
    return found


def _parts(x: Any) -> list[Array]:
    if isinstance(x, dict):
        return list(x.values())
    return x if isinstance(x, list) else [x]


def _length(x: Any, name: str) -> int:
    lengths = {len(part) for part in _parts(x)}
    if len(lengths) != 1:
        raise DoctorError(
            f"Expected as many examples in each part of `{name}`. Received: {sorted(lengths)}."
        )
    return lengths.pop()


def _picked(x: Any, rows: Array) -> Any:
    if isinstance(x, dict):
        return {name: part[rows] for name, part in x.items()}
    return [part[rows] for part in x] if isinstance(x, list) else x[rows]


def _joined(batches: Sequence[Any]) -> Any:
    first = batches[0]
    if isinstance(first, dict):
        return {name: np.concatenate([batch[name] for batch in batches]) for name in first}
    if isinstance(first, list):
        return [np.concatenate(parts) for parts in zip(*batches, strict=True)]
    return np.concatenate(batches)


def _mixed(n: int, size: int, at_most: int | None = None) -> list[Array]:
    """Some of n examples in batches of about a size, mixed, since data are often sorted by class.

    The last batch is as large as the others: a small one would have statistics of its own.
    """
    order = np.random.default_rng(0).permutation(n)[:at_most]
    return np.array_split(order, max(1, math.ceil(len(order) / size)))


# ---- The examination ------------------------------------------------------------------------


@dataclass
class _Batches:
    """Batches as training sees them: inputs, labels, and the rows that belong to each batch."""

    x: Any
    y: Array
    pieces: list[Array]


def _examined(
    net: Any,
    x: Any,
    y: Any,
    x_train: Any,
    y_train: Any,
    batches: Sequence[tuple[Any, Any]] | None,
    scale: _Scale,
    batch_size: int,
) -> Report:
    """Examine a model; see `diagnose`."""
    x, y = _arrays(x, "x"), _array(y, "y")
    n = _length(x, "x")
    if len(y) != n or n < 2:
        raise DoctorError(
            f"Expected at least two examples in `x`, with a label each in `y`. Received: {n} and "
            f"{len(y)}."
        )
    pieces = _mixed(n, batch_size)
    net.watch(_picked(x, np.arange(min(2, n))))
    deployed = net.outputs(x, pieces)
    scored = {"averages": scale.of(deployed, y, net.classes)}
    notes = _unlike(net, x, deployed, pieces)
    called = [norm for norm in net.norms if norm.calls]
    if idle := [norm.name for norm in net.norms if not norm.calls]:
        notes.append(f"Never called, and so not looked at: {', '.join(idle)}.")
    net.norms = called
    if not called:
        notes.append("The model has no batch normalization, which is therefore not the cause.")
        return _report(net, scale, scored, notes=tuple(notes))
    trained = _training(x_train, y_train, batches, batch_size)
    seen, fresh = _Statistics(), _Statistics()
    with net.by(seen.own):
        scored["batch"] = scale.of(net.outputs(x, pieces), y, net.classes)
    source, rows = trained.source
    with net.by(fresh.own):
        net.outputs(source, rows)
    with net.by(fresh.fixed):
        scored["fresh"] = scale.of(net.outputs(x, pieces), y, net.classes)
    company = _Statistics()
    if trained.scored is not None:
        at = trained.scored
        ways: dict[str, Chooser | None] = {"averages": None, "batch": company.own}
        for name, way in (ways | {"fresh": fresh.fixed}).items():
            with ExitStack() as stack:
                if way is not None:
                    stack.enter_context(net.by(way))
                found = net.outputs(at.x, at.pieces)
            scored[f"train {name}"] = scale.of(found, at.y, net.classes)
    return _judged(net, scale, scored, (seen, fresh, company), (pieces, trained, x), notes)


class _Statistics:
    """Statistics by normalizer, taken while a model answers by those of each batch."""

    def __init__(self) -> None:
        self.taken: dict[int, _Taken] = {}

    def own(self, norm: _Norm, call: int, rows: Array) -> tuple[Array, Array]:
        """Choose the statistics of the batch itself, and take them down."""
        return self.taken.setdefault(id(norm), _Taken()).add(call, rows)

    def fixed(self, norm: _Norm, call: int, rows: Array) -> tuple[Array, Array]:
        """Choose what was taken before."""
        del call, rows
        taken = self.taken[id(norm)]
        return taken.mean, taken.variance


@dataclass
class _Trained:
    """Training images: those that fresh statistics are taken from, and those that are scored."""

    source: tuple[Any, list[Array]]
    scored: _Batches | None
    given: bool


def _training(
    x_train: Any, y_train: Any, batches: Sequence[tuple[Any, Any]] | None, size: int
) -> _Trained:
    """Put the training images in order."""
    if x_train is None and not batches:
        raise DoctorError(
            "Expected training inputs, from which fresh statistics are taken. Received: none. Give "
            "`x_train`, prepared just as in training, or some `batches` of it."
        )
    given = None
    if batches:
        parts = [(_arrays(x, "batches"), _array(y, "batches")) for x, y in batches]
        ends = np.cumsum([0, *(len(y) for _, y in parts)])
        rows = [np.arange(a, b) for a, b in pairwise(ends)]
        given = _Batches(
            _joined([x for x, _ in parts]), np.concatenate([y for _, y in parts]), rows
        )
    if x_train is None:
        assert given is not None
        source, n = given.x, len(given.y)
    else:
        source = _arrays(x_train, "x_train")
        n = _length(source, "x_train")
    scored = given
    if scored is None and y_train is not None:
        labels = _array(y_train, "y_train")
        if len(labels) != n:
            raise DoctorError(
                f"Expected as many labels in `y_train` as inputs, {n}. Received: {len(labels)}."
            )
        chosen = np.concatenate(_mixed(n, size, SCORED))
        some = [np.arange(len(chosen))[part] for part in _mixed(len(chosen), size)]
        scored = _Batches(_picked(source, chosen), labels[chosen], some)
    return _Trained((source, _mixed(n, size, FRESH)), scored, given is not None)


def _unlike(net: Any, x: Any, outputs: Array, pieces: Sequence[Array]) -> list[str]:
    """Ask whether an answer changes with its mates, or from one time to the next."""
    first = pieces[0]
    again = net.answer(_picked(x, first))
    size = max(1.0, float(np.abs(outputs[np.isfinite(outputs)]).max(initial=0.0)))
    if _gap(again, outputs[first]) > 1e-3 * size:
        net.random, net.mates = True, False
        return [
            "The same images get other answers when they are asked again: something random is on "
            "in inference, dropout perhaps. The scores are noisy for that reason."
        ]
    # In twos and in another order: each of these images has another mate.
    few = first[: 32 - 32 % 2][::-1] if len(first) >= 2 else first
    pairs = np.array_split(few, max(1, len(few) // 2))
    alone = np.concatenate([net.answer(_picked(x, pair)) for pair in pairs])
    net.random, net.mates = False, _gap(alone, outputs[few]) > 1e-3 * size
    return []


def _gap(a: Array, b: Array) -> float:
    whole = np.isfinite(a) & np.isfinite(b)
    return float(np.abs(np.where(whole, a, 0.0) - np.where(whole, b, 0.0)).max(initial=0.0))


# ---- The judgement --------------------------------------------------------------------------


def _judged(
    net: Any,
    scale: _Scale,
    scored: dict[str, Array],
    taken: tuple[_Statistics, _Statistics, _Statistics],
    data: tuple[list[Array], _Trained, Any],
    notes: list[str],
) -> Report:
    """Weigh the scores and the statistics."""
    pieces, trained, x = data
    seen, fresh, company = taken
    least = scale.least_of([*scored.values()])
    groups = _groups(pieces, len(scored["averages"]))

    def gap(a: str, b: str) -> Difference:
        by_batch = groups if "batch" in (a, b) else None
        if "train batch" in (a, b):
            assert trained.scored is not None
            by_batch = _groups(trained.scored.pieces, len(scored[a]))
        return _difference(f"{a} - {b}", scored[a], scored[b], least, by_batch)

    pairs = [
        ("fresh", "averages"),
        ("batch", "averages"),
        ("batch", "fresh"),
        ("averages", "batch"),
    ]
    if trained.given:
        pairs.append(("train batch", "train fresh"))
    gaps = {pair: gap(*pair) for pair in pairs}
    layers = tuple(_layer(norm, seen, fresh) for norm in net.norms)
    row = _row({pair: found.sure for pair, found in gaps.items()})
    causes = list(_certain(net, layers))
    if row == "averages":
        causes += _of_averages(net, layers, fresh)
    elif row == "data":
        causes += _of_data(layers, x, trained.source[0])
    elif row == "training":
        causes += _of_training(layers, company, trained)
    elif row == "unsettled":
        row = None
        notes.append(
            "By their own batch these images score higher than by the averages, and whether fresh "
            "statistics repair that is not settled by so few of them. Give more."
        )
    suspicions = [*_settings(net, company, trained), *net.remarks(), *_inputs(x, trained)]
    blamed = {cause.anchor for cause in causes}
    notes += _remarks(net, layers, scored, least)
    return _report(
        net,
        scale,
        scored,
        differences=tuple(gaps[pair] for pair in pairs if pair != ("averages", "batch")),
        layers=layers,
        row=row,
        causes=tuple({cause.anchor: cause for cause in reversed(causes)}.values())[::-1],
        suspicions=tuple(cause for cause in suspicions if cause.anchor not in blamed),
        notes=tuple(notes),
    )


def _report(net: Any, scale: _Scale, scored: dict[str, Array], **more: Any) -> Report:
    means = {name: float(found.mean()) for name, found in scored.items()}
    return Report(net.library, len(scored["averages"]), scale.name, means, **more)


def _groups(pieces: Sequence[Array], n: int) -> Array:
    """The batch of each example."""
    groups = np.zeros(n, int)
    for number, piece in enumerate(pieces):
        groups[piece] = number
    return groups


def _row(sure: dict[tuple[str, str], bool]) -> str | None:
    """The row of the page's table, where the differences are sure."""
    if sure["fresh", "averages"]:
        return "averages"
    if sure["batch", "averages"]:
        return "data" if sure["batch", "fresh"] else "unsettled"
    if sure.get(("train batch", "train fresh"), False):
        return "training"
    return "batches" if sure["averages", "batch"] else None


def _layer(norm: _Norm, seen: _Statistics, fresh: _Statistics) -> Layer:
    """Compare what a normalizer keeps with fresh statistics."""
    new, mine = fresh.taken[id(norm)], seen.taken[id(norm)]
    spread = np.sqrt(new.variance + norm.epsilon)
    mean_off, spread_off, ratio, broken, negative = math.nan, math.nan, math.nan, 0, 0
    if norm.kept is not None:
        mean, variance = norm.kept
        sound = np.isfinite(mean) & np.isfinite(variance) & (variance >= 0)
        broken = int((~sound).sum())
        negative = int((np.isfinite(mean) & np.isfinite(variance) & (variance < 0)).sum())
        if sound.any():
            mean_off = _rms(((mean - new.mean) / spread)[sound])
            logs = 0.5 * np.log((variance[sound] + norm.epsilon) / spread[sound] ** 2)
            spread_off = float(np.exp(_rms(logs)))
            ratio = float(np.exp(np.median(logs)))
    return Layer(
        name=norm.name,
        calls=norm.calls,
        frozen=norm.frozen,
        keeps=norm.keeps,
        mean_off=mean_off,
        spread_off=spread_off,
        spread_ratio=ratio,
        broken=broken,
        negative=negative,
        constant=int((new.variance <= 1e-12 * (1 + new.mean**2)).sum()),
        moved=_rms((mine.mean - new.mean) / spread),
        apart=new.apart(norm.epsilon),
        by_batch=norm.by_batch,
    )


def _badness(layer: Layer) -> float:
    """How far a layer is from sound, to put layers in order."""
    if layer.broken or layer.by_batch:
        return math.inf
    off = 0.0 if math.isnan(layer.mean_off) else layer.mean_off
    spread = 1.0 if math.isnan(layer.spread_off) else layer.spread_off
    return max(off, abs(math.log(spread)), layer.moved, layer.apart)


def _odd(layer: Layer) -> bool:
    return _badness(layer) >= 0.1


def _certain(net: Any, layers: Sequence[Layer]) -> Iterator[Cause]:
    """Faults that need no score."""
    lost = [layer for layer in layers if layer.broken > layer.negative]
    if lost and net.finite():
        yield Cause(
            "one-nan-batch",
            "One NaN batch",
            f"{_names(lost)} {_keep(lost)} averages that are NaN or infinite, while the trained "
            "weights are finite",
        )
    elif lost:
        yield Cause(
            "one-nan-batch",
            "NaN in the weights, too",
            "the trained weights are not finite: more than the averages is lost, so restore an "
            "earlier state",
        )
    if negative := [layer for layer in layers if layer.negative]:
        keep = f"{_names(negative)} {_keep(negative)} a negative variance"
        yield Cause(
            "two-nets-that-differ",
            "Two nets that differ",
            f"{keep}, as when a net was loaded with its statistics in another order",
        )
        yield Cause(
            "a-large-mean",
            "A large mean",
            f"{keep}, as when it was computed as the difference of two large numbers",
        )
    by_batch = [layer for layer in layers if layer.by_batch]
    if net.mates and by_batch:
        yield Cause(
            "served-in-training-mode",
            "Served in training mode",
            f"answers change with the images beside them, and {_names(by_batch)} "
            f"{'normalizes' if len(by_batch) == 1 else 'normalize'} by the batch in inference, too",
        )


def _names(layers: Sequence[Layer]) -> str:
    shown = ", ".join(layer.name for layer in layers[:3])
    return shown if len(layers) < 4 else f"{shown} and {len(layers) - 3} more"


def _keep(layers: Sequence[Layer]) -> str:
    return "keeps" if len(layers) == 1 else "keep"


def _of_averages(net: Any, layers: Sequence[Layer], fresh: _Statistics) -> Iterator[Cause]:
    """Why the averages may be wrong, the best supported first."""
    found = False
    for cause in (
        _swapped(net),
        _stale(net, layers, fresh),
        _frozen(layers),
        _averaged(net),
        _dropped(net, layers),
        _two_kinds(layers),
    ):
        if cause is not None:
            found = True
            yield cause
    if not found and not any(layer.broken for layer in layers):
        unknown = "the scores do not distinguish it from the next"
        yield Cause("stale-averages", "Stale averages", unknown)
        yield Cause("averaged-weights", "Averaged weights", unknown)
        yield Cause(
            "frozen-the-wrong-way",
            "Frozen the wrong way",
            "if weights below it moved while its averages stood still",
        )


def _swapped(net: Any) -> Cause | None:
    odd = [norm for norm in net.norms if norm.keeps is not None and norm.keeps < 0.5]
    if not odd:
        return None
    other = {"Keras": "PyTorch's", "PyTorch": "Keras'"}[net.library]
    norm = odd[0]
    own = norm.keeps if net.library == "Keras" else 1.0 - norm.keeps
    return Cause(
        "momentum-of-the-other-library",
        "Momentum of the other library",
        f"{norm.name} has momentum {own:g} and so forgets all but {norm.keeps:.0%} of its average "
        f"at each step; in {other} words that would be {1.0 - own:g}",
    )


def _stale(net: Any, layers: Sequence[Layer], fresh: _Statistics) -> Cause | None:
    """Whether something of the start is left, by the steps taken or by the averages themselves."""
    title = ("stale-averages", "Stale averages")
    for norm in net.norms:
        if norm.kept is None:
            continue
        mean, variance = norm.kept
        if not mean.any() and (variance == 1).all():
            return Cause(*title, f"{norm.name} still keeps mean 0 and variance 1: it never moved")
        if norm.keeps is not None and norm.keeps >= 1.0:
            return Cause(*title, f"{norm.name} has a momentum at which its averages never move")
        if norm.keeps is not None and norm.steps is not None and not norm.frozen:
            left = norm.keeps ** (norm.steps * (norm.calls if net.library == "Keras" else 1))
            if left >= 0.02:
                return Cause(
                    *title,
                    f"after {norm.steps} steps {norm.name} still holds {left:.0%} of the values "
                    "that it began with",
                )
    off = [layer for layer in layers if not layer.frozen and layer.mean_off > 0.1]
    slow = [layer for layer in off if layer.keeps is not None and layer.keeps >= 0.5]
    left = max((_left(norm, fresh) for norm in net.norms), default=0.0)
    if left >= 0.02:
        return Cause(*title, f"the averages look as if {left:.0%} of their start were left in them")
    if slow:
        worst = max(slow, key=lambda layer: layer.mean_off)
        return Cause(
            *title,
            f"{worst.name} keeps a mean that is {worst.mean_off:.2g} standard deviations off, as "
            "after large steps of the weights",
        )
    return None


def _left(norm: _Norm, fresh: _Statistics) -> float:
    """The share of the start, mean 0, that a kept mean seems to hold; 0 where it is something else.

    A kept mean that is a share of the fresh one is what a start of 0 leaves after few steps.
    """
    if norm.kept is None or norm.frozen or not np.isfinite(norm.kept[0]).all():
        return 0.0
    taken = fresh.taken[id(norm)]
    spread = np.sqrt(taken.variance + norm.epsilon)
    mine, new = norm.kept[0] / spread, taken.mean / spread
    length = float(new @ new)
    if length < 0.01 * len(new):
        return 0.0
    share = float(mine @ new) / length
    rest, whole = _rms(mine - share * new), _rms(mine - new)
    return 1.0 - share if 0.0 <= share < 1.0 and rest < 0.3 * whole else 0.0


def _frozen(layers: Sequence[Layer]) -> Cause | None:
    odd = [layer for layer in layers if layer.frozen and _odd(layer)]
    if not odd:
        return None
    return Cause(
        "frozen-the-wrong-way",
        "Frozen the wrong way",
        f"{_names(odd)} {'is' if len(odd) == 1 else 'are'} frozen, with averages that no longer "
        "fit what arrives",
    )


def _averaged(net: Any) -> Cause | None:
    told = net.averaged()
    return Cause("averaged-weights", "Averaged weights", told) if told else None


def _dropped(net: Any, layers: Sequence[Layer]) -> Cause | None:
    behind = {norm.name for norm in net.norms if norm.behind_dropout}
    wide = [x for x in layers if x.name in behind and x.spread_ratio > 1.05 and x.mean_off < 0.3]
    if not wide:
        return None
    worst = max(wide, key=lambda layer: layer.spread_ratio)
    return Cause(
        "dropout-before-it",
        "Dropout before it",
        f"{worst.name} stands behind dropout and keeps a spread {worst.spread_ratio:.2f} times "
        "that of inference",
    )


def _two_kinds(layers: Sequence[Layer]) -> Cause | None:
    apart = [layer for layer in layers if layer.calls > 1 and layer.apart > 0.5]
    if not apart:
        return None
    worst = max(apart, key=lambda layer: layer.apart)
    return Cause(
        "one-layer-two-kinds-of-input",
        "One layer, two kinds of input",
        f"{worst.name} is called {worst.calls} times in a pass, on inputs whose means lie "
        f"{worst.apart:.2g} standard deviations apart",
    )


def _of_data(layers: Sequence[Layer], x: Any, x_train: Any) -> Iterator[Cause]:
    """Why these images fit their own statistics, and not those of training."""
    kinds = _two_kinds(layers)
    if kinds is not None:
        yield kinds
    worst = max(layers, key=lambda layer: layer.moved)
    if worst.moved > 0.1 or kinds is None:
        yield Cause(
            "data-that-moved",
            "Data that moved",
            f"at {worst.name} the mean of these images lies {worst.moved:.2g} standard deviations "
            f"from that of the training images{_compared(x, x_train)}",
        )


def _compared(x: Any, x_train: Any) -> str:
    """The inputs of evaluation and of training, in numbers where they differ much."""
    for mine, theirs in zip(_parts(x), _parts(x_train), strict=True):
        if _unalike(mine, theirs):
            return (
                f"; the inputs have mean {mine.mean():.3g} and spread {mine.std():.3g} here, "
                f"{theirs.mean():.3g} and {theirs.std():.3g} in training"
            )
    return ""


def _unalike(mine: Array, theirs: Array) -> bool:
    """Whether inputs are on another scale: not another sample, but undivided pixels."""
    if mine.dtype.kind not in "fiub" or not mine.size or not theirs.size:
        return False
    spread, other = float(np.std(mine, dtype=float)), float(np.std(theirs, dtype=float))
    if not (spread > 0 and other > 0):
        return False
    means = abs(float(np.mean(mine, dtype=float)) - float(np.mean(theirs, dtype=float)))
    return max(spread, other) > 4 * min(spread, other) or means > 3 * max(spread, other)


def _inputs(x: Any, trained: _Trained) -> Iterator[Cause]:
    if told := _compared(x, trained.source[0]):
        yield Cause("data-that-moved", "Data that moved", told.removeprefix("; "))


def _settings(net: Any, company: _Statistics, trained: _Trained) -> Iterator[Cause]:
    """Settings and batches that look like a mistake, whatever they cost."""
    swapped = _swapped(net)
    if swapped is not None:
        yield swapped
    if any(norm.keeps == 1.0 for norm in net.norms):
        yield Cause("stale-averages", "Stale averages", "a momentum at which averages never move")
    if trained.given:
        yield from _of_batches(company, trained)


def _of_batches(company: _Statistics, trained: _Trained) -> Iterator[Cause]:
    """What is odd about the batches of training."""
    batches = trained.scored
    assert batches is not None
    sizes = [len(piece) for piece in batches.pieces]
    if min(sizes) == 1:
        yield Cause("a-last-batch-of-one", "A last batch of one", "a batch holds one example")
    fewest = min((taken.fewest for taken in company.taken.values()), default=TINY)
    if float(np.median(sizes)) > 1 and fewest < TINY and 2 * min(sizes) > np.median(sizes):
        yield Cause(
            "tiny-batches",
            "Tiny batches",
            f"a batch gives a channel as few as {fewest} values to take a mean of",
        )
    if (share := _purity(batches)) is not None:
        yield Cause(
            "sorted-batches",
            "Sorted batches",
            f"in a batch {share:.0%} of the labels are the same, on average",
        )


def _purity(batches: _Batches) -> float | None:
    """The mean share of the commonest label in a batch, where it says that batches are sorted."""
    labels = batches.y
    if labels.ndim > 1 and labels.shape[-1] > 1:
        labels = labels.argmax(axis=-1)
    labels = labels.reshape(len(labels), -1)
    kinds = len(np.unique(labels[:, 0]))
    several = [labels[piece, 0] for piece in batches.pieces if len(piece) >= 8]
    if labels.shape[1] != 1 or labels.dtype.kind not in "iubSU" or kinds < 2 or len(several) < 3:
        return None
    pure = float(np.mean([max(Counter(part.tolist()).values()) / len(part) for part in several]))
    overall = max(Counter(labels[:, 0].tolist()).values()) / len(labels)
    return pure if pure > 0.8 and pure > overall + 0.2 else None


def _of_training(
    layers: Sequence[Layer], company: _Statistics, trained: _Trained
) -> Iterator[Cause]:
    """Why images are right in the company of their training batch, and wrong by any statistics."""
    kinds = _two_kinds(layers)
    odd = {cause.anchor: cause for cause in _of_batches(company, trained)}
    if kinds is not None:
        yield kinds
    if "sorted-batches" in odd:
        yield odd["sorted-batches"]
    elif kinds is None:
        yield Cause(
            "the-same-batches-in-every-epoch",
            "The same batches in every epoch",
            "images score higher in these batches than by fresh statistics, as if the net knew "
            "them by heart, and the batches are not sorted",
        )
    yield from (odd[name] for name in ("tiny-batches", "a-last-batch-of-one") if name in odd)


def _remarks(
    net: Any, layers: Sequence[Layer], scored: dict[str, Array], least: float
) -> Iterator[str]:
    """What is no fault, and good to know."""
    mean = {name: float(found.mean()) for name, found in scored.items()}
    if net.mates and not any(layer.by_batch for layer in layers):
        yield "Answers change with the images beside them, and no normalizer is the reason."
    if getattr(net, "lent", None) is not None and net.lent.modes[()]:
        yield "The model came in training mode and was scored after eval(); call it before serving."
    if len(scored["averages"]) < 100:
        yield f"With {len(scored['averages'])} images only large differences can be seen."
    if "train averages" in mean and mean["train averages"] - mean["averages"] >= least:
        gap = _difference("", scored["train fresh"], scored["train averages"], least, None)
        if not gap.sure:
            yield (
                "Training images score higher than these, by the averages too: overfitting, or "
                "data that moved, and not the averages."
            )
    if any(layer.calls > 1 for layer in layers):
        shared = [layer for layer in layers if layer.calls > 1]
        yield f"Called more than once in a pass, with one pair of averages: {_names(shared)}."


# ---- The report as text ---------------------------------------------------------------------


def _told(report: Report) -> Iterator[str]:
    """The lines of a report."""
    count = len(report.layers)
    many = f"{count} normalizer{'' if count == 1 else 's'}"
    yield f"bn_doctor: {report.library}, {many}, {report.images:,} images"
    yield ""
    percent = report.score == "accuracy"
    words = {
        "averages": "by the averages",
        "batch": "by their own batch",
        "fresh": "by fresh statistics",
    }
    for name, value in report.scores.items():
        kind = words[name.removeprefix("train ")]
        where = "training images, " if name.startswith("train ") else ""
        yield f"  {report.score} {where}{kind}: {_number(value, percent)}"
    for gap in report.differences:
        yield f"  {gap.of}: {_gap_told(gap, percent)}"
    yield ""
    if report.row is not None:
        row, meaning = ROWS[report.row]
        yield f"Row of the table: {row}. {meaning}"
    if report.healthy:
        yield "Nothing here speaks against batch normalization."
    for title, causes in (
        ("Likely causes", report.causes),
        ("Looks like a mistake, although the scores show no harm", report.suspicions),
    ):
        if causes:
            yield f"{title}:"
        for number, cause in enumerate(causes, start=1):
            yield f"  {number}. {cause.title}: {cause.why}."
            yield f"     {cause.link}"
    if report.at_fault:
        yield "Layers, the worst first:"
        yield from (f"  {_layer_told(layer)}" for layer in report.at_fault[:8])
    for note in report.notes:
        yield f"Note: {note}"


def _number(value: float, percent: bool) -> str:
    return f"{value:.1%}" if percent else f"{value:.4g}"


def _gap_told(gap: Difference, percent: bool) -> str:
    factor, unit = (100, " points") if percent else (1, "")
    word = "a real difference" if gap.sure else "may be chance, or too small to matter"
    return f"{factor * gap.mean:+.3g}{unit}, standard error {factor * gap.error:.2g}: {word}"


def _layer_told(layer: Layer) -> str:
    parts = []
    if layer.broken:
        if layer.broken > layer.negative:
            parts.append(f"{layer.broken - layer.negative} channels keep NaN or infinity")
        if layer.negative:
            parts.append(f"{layer.negative} channels keep a negative variance")
    if layer.by_batch:
        parts.append("normalizes by the batch in inference")
    if not math.isnan(layer.mean_off):
        parts.append(f"kept mean {layer.mean_off:.2g} standard deviations off")
        parts.append(f"kept spread {layer.spread_ratio:.2g} times the fresh one")
    if layer.moved > 0.1:
        parts.append(f"these images {layer.moved:.2g} from the training images")
    if layer.calls > 1:
        parts.append(f"called {layer.calls} times, {layer.apart:.2g} apart")
    if layer.constant:
        parts.append(f"{layer.constant} channels do not vary")
    if layer.frozen:
        parts.append("frozen")
    return f"{layer.name}: {', '.join(parts)}"
