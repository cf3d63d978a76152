"""Train runs: one, or several that share a program, in explicit batch order, and measure them."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from keras import ops
from numpy.typing import NDArray

from bnreport.protocol.checks import Part, Probe, Score
from bnreport.protocol.trials import Trial
from bnreport.training import backends
from bnreport.training.batches import batches
from bnreport.training.images import standards
from bnreport.training.models import initial_weights
from bnreport.training.outcomes import Marks, Outcome, _finite, _numbers
from bnreport.training.placement import Pool, image_of, on_device, parts
from bnreport.training.programs import EARLY_STEP, Program, Shape, probe_of, program

Run: TypeAlias = tuple[Trial, int]
# Images are evaluated in parts of this size: one compiled program for all, and little memory.
PART = 2_500


def capacity(trial: Trial, pool: Pool) -> int | None:
    """The number of a trial's runs that fit the device's memory together; None without a limit.

    Counted are four copies of the variables (weights, gradients, and both once more while they
    change) and, for the largest batch that is evaluated, two copies of every layer's outputs.
    """
    free = backends.memory()
    if free is None:
        return None
    model = program(Shape.of(trial, image_of(pool), False)).model
    outputs = sum(int(np.prod(layer.output.shape[1:])) for layer in model.layers)
    most = max([PART, trial.batch_size, *(check.most for check in trial.checks)])
    bytes_of_a_run = 4 * (4 * model.count_params() + 2 * most * outputs)
    return max(1, int(0.8 * free / bytes_of_a_run))


def train(
    runs: Sequence[Run], pool: Pool, tell: Callable[[int, int], None] = lambda run, epoch: None
) -> list[Outcome]:
    """Train runs that share a program together, and measure them.

    Args:
        runs: trials with their seeds; more than one needs the JAX backend.
        pool: the images on the device.
        tell: called with the place of a run in `runs` and the number of its finished epoch.

    Returns:
        What each run leaves behind, in their order.

    Raises:
        ValueError: when the runs share no program, or the backend cannot train them together.
    """
    if len({trial.program for trial, _ in runs}) != 1:
        names = [trial.name for trial, _ in runs]
        raise ValueError(f"Expected runs that share one program. Received: {names}.")
    course = Course(runs, pool)
    for epoch in range(1, course.trial.epochs + 1):
        course.epoch(epoch)
        for run in range(len(runs)):
            tell(run, epoch)
        if all(outcome.diverged for outcome in course.outcomes):
            break
    return course.outcomes


class Course:
    """The state of runs that train together, on their way through the epochs."""

    def __init__(self, runs: Sequence[Run], pool: Pool) -> None:
        self.runs, self.pool = runs, pool
        self.trial = trial = runs[0][0]
        self.lanes = len(runs) > 1
        self.shape = Shape.of(trial, image_of(pool), self.lanes)
        self.program: Program = program(self.shape)
        self.parts = [parts(trial, seed, pool) for trial, seed in runs]
        self._refuse_late_checks()
        self.numbers = self._numbers()
        started = [
            initial_weights(self.program.model, seed, trial.kernel_scale, trial.scaled)
            for trial, seed in runs
        ]
        self.weights, self.state = (
            [self.put(values) for values in zip(*variables, strict=True)]
            for variables in zip(*started, strict=True)
        )
        self.outcomes = [Outcome() for _ in runs]
        # Where each check was before, for probes that compare.
        self.before: dict[str, Any] = {}
        self.full, self.last = self._batches(1)
        if trial.start == "unit variance":
            self._scale_kernels()
        self._check(0, self.full[:, 0])

    def _refuse_late_checks(self) -> None:
        end = self.trial.epochs * -(-len(self.parts[0]["train"]) // self.trial.batch_size)
        for check in self.trial.checks:
            if max(check.steps) > end:
                raise ValueError(
                    f"Expected the steps of check {check.name!r} within the {end} of its trial. "
                    f"Received: steps up to {max(check.steps)}."
                )

    def put(self, values: Any) -> Any:
        """One value for each run, on the device, with an axis over runs if there are several."""
        return on_device(np.stack(values) if self.lanes else np.asarray(values[0]))

    def get(self, tensor: Any) -> NDArray[Any]:
        """Fetch what is on the device, with a first axis over runs."""
        array = np.asarray(ops.convert_to_numpy(tensor))
        return array if self.lanes else array[None]

    def _numbers(self) -> dict[str, Any]:
        single = ("learning_rate", "momentum", "noise", "weight_decay")
        numbers = {
            name: self.put([np.float32(getattr(trial, name)) for trial, _ in self.runs])
            for name in single
        }
        if self.trial.inputs != "raw":
            found = [standards(self.pool.pixels[p["train"]], self.trial.inputs) for p in self.parts]
            numbers["shift"], numbers["factor"] = (self.put(v) for v in zip(*found, strict=True))
        return numbers

    def _batches(self, epoch: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Positions in the pool: (runs, steps, batch size), and of what is left (runs, images)."""
        trial = self.trial
        seen = (epoch - 1) % trial.replay_after + 1 if trial.replay_after else epoch
        fulls, lasts = [], []
        for (_, seed), where in zip(self.runs, self.parts, strict=True):
            train = where["train"]
            full, last = batches(trial.order, seed, seen, len(train), trial.batch_size)
            fulls.append(train[full])
            lasts.append(train[last])
        return np.stack(fulls), np.stack(lasts)

    def _scale_kernels(self) -> None:
        """Divide each kernel by the spread of its outputs on the first batch, from the input on.

        Source: Mishkin and Matas 2016 (arXiv 1511.06422), LSUV, without the orthogonal start
        and in one pass.
        """
        places = [
            i for i, v in enumerate(self.program.model.trainable_variables) if v.name == "kernel"
        ]
        for layer, place in enumerate(places):
            outputs = self._call(self.program.outputs, self.pool.data, self.put(self.full[:, 0]))
            spread = self.get(outputs[layer]).reshape(len(self.runs), -1).std(axis=1)
            values = self.get(self.weights[place])
            self.weights[place] = self.put(
                [value / np.float32(s) for value, s in zip(values, spread, strict=True)]
            )

    def _call(self, function: Callable[..., Any], *more: Any) -> Any:
        return function(self.weights, self.state, self.numbers, *more)

    def epoch(self, epoch: int) -> None:
        """Train an epoch, stop for checks on the way, and evaluate."""
        self.full, self.last = self._batches(epoch)
        steps, rest = self.full.shape[1], self.last.shape[1]
        data, zero = self.pool.data, np.float32(0)
        batches = self.put(self.full)
        # What an epoch sums up on the device: losses, right answers, the loss of the early step.
        carry: Any = tuple(self.put([zero] * len(self.runs)) for _ in range(3))
        # Checks count steps over all epochs, and what is left of the images makes one more step.
        done = (epoch - 1) * (steps + bool(rest))
        wanted = {step - done for check in self.trial.checks for step in check.steps}
        first = 0
        # One compiled loop takes all steps up to the next check, so that only checks interrupt it.
        for stop in sorted({step for step in wanted if 0 < step < steps} | {steps}):
            bounds = (on_device(np.int32(first)), on_device(np.int32(stop)))
            self.weights, self.state, carry = self._call(
                self.program.steps, data, batches, bounds, carry
            )
            first = stop
            # A probe looks at the batch that comes next, which the weights have not yet seen.
            if stop < steps:
                self._check(done + stop, self.full[:, stop])
        if rest:
            # The next batch is smaller, and a probe's program takes whole ones: the last is shown.
            if steps in wanted:
                self._check(done + steps, self.full[:, -1])
            self.weights, self.state, carry = self._call(
                self.program.last, data, self.put(self.last), carry
            )
        # After the last step of an epoch the next batch is the first of the epoch that follows.
        if steps + bool(rest) in wanted:
            self._check(done + steps + bool(rest), self._batches(epoch + 1)[0][:, 0])
        self._evaluate(epoch, carry, steps * self.trial.batch_size + rest)

    def _evaluate(self, epoch: int, carry: Any, images: int) -> None:
        total, right, early = (self.get(value) for value in carry)
        rows: dict[str, NDArray[Any]] = {"loss": total / images, "accuracy": right / images}
        marks: dict[Part, NDArray[Any]] = {}
        scored = epoch in self.trial.score_epochs
        wanted = dict.fromkeys((*self.trial.evaluated, *(("val", "test") if scored else ())))
        for part in wanted:
            loss, marks[part] = self._score(part, self.program.evaluate)
            if part in self.trial.evaluated:
                rows |= {f"{part}_loss": loss, f"{part}_accuracy": marks[part].mean(axis=1)}
        for run, outcome in enumerate(self.outcomes):
            # A diverged run goes on beside the others, for they share a program; nothing of it
            # is written down any more.
            if outcome.diverged:
                continue
            for name, values in rows.items():
                outcome.history.setdefault(name, []).append(_finite(values[run]))
            outcome.diverged = not all(np.isfinite(values[run]) for values in rows.values())
            if epoch == 1 and self.full.shape[1] >= EARLY_STEP:
                outcome.early_loss = _finite(early[run])
            if scored:
                outcome.scores.append(Marks(epoch, marks["val"][run], marks["test"][run]))

    def _score(
        self,
        part: Part,
        evaluate: Callable[..., Any],
        state: Any = None,
        images: int | None = None,
        size: int = PART,
    ) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Mean loss (runs,) and marks (runs, images) on a part, by so many images at a time."""
        # Where seeds draw the images that validate, each run has places of its own.
        where = np.stack([of[part] for of in self.parts])[:, :images]
        state = self.state if state is None else state
        found = []
        for start in range(0, where.shape[1], size):
            now = where[:, start : start + size]
            result = evaluate(self.weights, state, self.numbers, self.pool.data, self.put(now))
            # Nothing is fetched before all parts are under way: fetching waits for the device.
            found.append((now.shape[1], result))
        losses = [images * self.get(loss).astype(np.float64) for images, (loss, _) in found]
        hits = [self.get(hits) for _, (_, hits) in found]
        return sum(losses) / where.shape[1], np.concatenate(hits, axis=1)

    def _check(self, step: int, batch: NDArray[np.int32]) -> None:
        for check in self.trial.checks:
            if step not in check.steps:
                continue
            found = self._scored(check) if isinstance(check, Score) else self._probed(check, batch)
            for run, outcome in enumerate(self.outcomes):
                if not outcome.diverged:
                    for name, values in found.items():
                        kept = outcome.checks.setdefault(f"{check.name}_{name}", [])
                        kept.append(_numbers(values[run]))

    def _scored(self, check: Score) -> dict[str, NDArray[Any]]:
        evaluate, state, size = self.program.evaluate, self.state, PART
        if check.mode == "batch":
            evaluate, size = self.program.by_batch, self.trial.batch_size
        if check.mode == "precise":
            where = np.stack([of["train"][: check.precise_images] for of in self.parts])
            state = self._call(self.program.precise, self.pool.data, self.put(where))
        loss, hits = self._score(check.part, evaluate, state, check.images, size)
        return {"loss": loss, "accuracy": hits.mean(axis=1)}

    def _probed(self, check: Probe, batch: NDArray[np.int32]) -> dict[str, NDArray[Any]]:
        if check.images is not None:
            batch = np.stack([of["train"][: check.images] for of in self.parts])
        now = (self.weights, self.state)
        function = probe_of(self.shape, check)
        # At its first check a probe that compares finds the net as it is, moved by nothing.
        before = self.before.get(check.name, now)
        found = function(now, before, self.numbers, self.pool.data, self.put(batch))
        self.before[check.name] = now
        return {name: self.get(value) for name, value in found.items()}
