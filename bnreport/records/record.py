"""A finished run as a value: what it was, how it was made, what came out."""

import base64
from collections.abc import Sequence
from itertools import chain
from typing import Annotated, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from bnreport.errors import RecordError
from bnreport.protocol.checks import Check
from bnreport.protocol.frozen import Frozen, canonical, digest, later
from bnreport.protocol.kinds import MEASURED
from bnreport.protocol.scorings import Measure
from bnreport.protocol.trials import Identity, Training, Trial, checks_of
from bnreport.records.limits import LARGEST, Number, check_limits, limits_of

# What a check finds after one step: a number, or one for each layer.
Found: TypeAlias = Number | tuple[Number, ...]
# No formula of a spreadsheet and no mark of Markdown begins in such a name.
Name: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
Token: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]{1,64}$")]
Printable: TypeAlias = Annotated[str, Field(pattern=r"^[^\pC]{1,200}$")]


class Provenance(Frozen):
    """The code, the libraries and the machine of a run, recorded beside it.

    `code` is the digest of what the run executed (see `executed`) and `claims` that of the claims
    that stood when the run was trained. `lanes` runs trained together; `seconds` is one's share.
    """

    code: Token
    claims: Token
    commit: Token
    dirty: bool
    versions: dict[Token, Token]
    backend: Token
    device: Printable
    threads: int = Field(ge=0, le=MEASURED)
    precision: Token
    seconds: float = Field(ge=0, le=MEASURED)
    lanes: int = Field(default=1, ge=1, le=MEASURED, exclude_if=lambda lanes: lanes == 1)


class ScoreRecord(Frozen):
    """The images that were right after an epoch, one bit an image, packed and in base 64."""

    epoch: int = Field(gt=0)
    val_images: int = Field(gt=0)
    test_images: int = Field(gt=0)
    val_correct: str
    test_correct: str

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for split in ("val", "test"):
            self.marks(split)
        return self

    def marks(self, split: str) -> NDArray[np.bool_]:
        """True for each image that was right, shape (images,), of "val" or "test"."""
        packed, images = (
            (self.val_correct, self.val_images)
            if split == "val"
            else (self.test_correct, self.test_images)
        )
        content = np.frombuffer(base64.b64decode(packed, validate=True), np.uint8)
        if len(content) != -(-images // 8):
            raise ValueError(f"expected marks of {images} images, received {len(content)} bytes")
        return np.unpackbits(content, count=images).astype(bool)


def packed(marks: NDArray[np.bool_]) -> str:
    """The marks as bits in base 64."""
    return base64.b64encode(np.packbits(marks).tobytes()).decode()


class Record(Frozen):
    """A finished run: what it was, how it was made, and what came out."""

    id: str
    identity: Identity
    provenance: Provenance
    history: dict[Name, tuple[float | None, ...]]
    scores: tuple[ScoreRecord, ...] = ()
    early_loss: float | None = None
    diverged: bool = False
    checks: dict[str, tuple[Found, ...]] = later({})

    @model_validator(mode="after")
    def _whole(self) -> Self:
        trial = self.identity.trial
        names, length = trial.metrics, trial.length
        lacking, surplus = names - set(self.history), set(self.history) - names
        if lacking or (surplus and not trial.traits.finds_more):
            raise ValueError(
                f"expected history of {sorted(names)}, received {sorted(self.history)}"
            )
        for name, values in self.history.items():
            if len(values) > length or (len(values) < length and not self.diverged):
                raise ValueError(f"expected {length} values of {name}, received {len(values)}")
            if None in values and not self.diverged:
                raise ValueError(f"expected finite {name} in a run that did not diverge")
            check_limits(name, values, trial.traits.bounds or limits_of(name))
        if self.early_loss is not None:
            check_limits("early_loss", (self.early_loss,), (0.0, LARGEST))
        if self.diverged or self.early_loss is not None:
            self._check_end()
        self._check_scores()
        self._check_checks()
        return self

    def _check_end(self) -> None:
        """A run stops after the epoch in which a number was not finite; then alone it diverged."""
        trial = self.identity.trial
        if self.early_loss is not None and not isinstance(trial, Training):
            raise ValueError(f"expected no early loss of a {trial.kind} trial")
        if not self.diverged:
            return
        curves = self.history.values()
        if len({len(values) for values in curves}) > 1:
            raise ValueError("expected as many values of one metric as of another")
        # The last step of a recipe's run may show in its scores alone.
        ends = curves if isinstance(trial, Trial) else (*curves, *self.checks.values())
        if not any(values and _is_lost(values[-1]) for values in ends):
            raise ValueError("expected a diverged run to end in a number that is not finite")
        if any(None in values[:-1] for values in curves):
            raise ValueError("expected a diverged run to end where it diverged")

    def _check_scores(self) -> None:
        trial = self.identity.trial
        epochs = set(trial.score_epochs) if isinstance(trial, Trial) else set()
        if not epochs and not self.scores:
            return
        trained = max(map(len, self.history.values()), default=0)
        due = [epoch for epoch in range(1, trained + 1) if epoch in epochs]
        scored = [score.epoch for score in self.scores]
        if scored != due:
            raise ValueError(f"expected scores after epochs {due}, received {scored}")

    def _check_checks(self) -> None:
        trial = self.identity.trial
        left = set(self.checks)
        for check in checks_of(trial):
            mine = {name for name in left if name.startswith(f"{check.name}_")}
            left -= mine
            lengths = {len(self.checks[name]) for name in mine}
            short = self.diverged and all(number <= len(check.steps) for number in lengths)
            # Of windows that a diverged run opened, it may have left the longer ones open.
            alike = len(lengths) <= 1 or check.kind == "moves"
            if not (short and alike) and lengths != {len(check.steps)}:
                raise ValueError(
                    f"expected {len(check.steps)} values of check {check.name}, received {lengths}"
                )
            partial = self.diverged and (not mine or check.kind == "moves")
            if (names := _names(check)) and mine != names and not partial:
                due = "loss and accuracy" if check.kind == "score" else sorted(names)
                raise ValueError(f"expected {due} of check {check.name}, received {sorted(mine)}")
            for name in mine:
                self._check_found(name, name.removeprefix(f"{check.name}_"))
        if left:
            raise ValueError(f"expected values of the trial's checks, received {sorted(left)}")

    def _check_found(self, name: str, quantity: str) -> None:
        values = self.checks[name]
        flat: Sequence[Number] = values  # type: ignore[assignment]
        if tuple in (kinds := set(map(type, values))):
            widths = set(map(len, values)) if kinds == {tuple} else set()  # type: ignore[arg-type]
            if len(widths) != 1 or 0 in widths:
                raise ValueError(
                    f"expected as many values of {name} after one step as after another"
                )
            flat = list(chain.from_iterable(values))  # type: ignore[arg-type]
        if None in flat and not self.diverged:
            raise ValueError(f"expected finite {name} in a run that did not diverge")
        check_limits(name, flat, limits_of(quantity))

    def shape(self) -> dict[str, int | None]:
        """The number of values after one step by what checks found; None for a single one."""
        return {
            name: len(values[0]) if isinstance(values[0], tuple) else None
            for name, values in self.checks.items()
            if values
        }

    def line(self) -> str:
        """The record as one canonical line of JSON."""
        return canonical(self.model_dump(mode="json"))

    def sealed(self) -> str:
        """The line as a file holds it: with `digest`, the SHA-256 of the line without it."""
        content = self.model_dump(mode="json")
        return canonical(content | {"digest": digest(content)})

    def epochs(self, metric: str) -> NDArray[np.float64]:
        """The values of a metric by epoch, shape (epochs,); NaN where a run diverged."""
        return np.array([np.nan if v is None else v for v in self.history[metric]], float)

    def steps(self, name: str) -> NDArray[np.float64]:
        """The numbers of a check, "<check>_<what>", (steps,) or (steps, layers); NaN once diverged.

        Raises:
            RecordError: when the run holds no such values.
        """
        if name not in self.checks:
            raise RecordError(
                f"Expected values {name!r} of a check in run {self.id}. Received: "
                f"{sorted(self.checks)}. Use one of these."
            )
        return np.array(self.checks[name], float)

    def score(self, epoch: int) -> ScoreRecord:
        """The score after that epoch.

        Raises:
            RecordError: when the run was not scored then.
        """
        for score in self.scores:
            if score.epoch == epoch:
                return score
        raise RecordError(
            f"Expected a score after epoch {epoch} in run {self.id}. Received: scores after "
            f"{[score.epoch for score in self.scores]}. Read one of these, or add the epoch to the "
            "`score_epochs` of the trial."
        )


def _names(check: Check | Measure) -> set[str]:
    """The names of what a check finds; none of a probe, whose own they are."""
    if check.kind == "probe":
        return set()
    names = ("loss", "accuracy") if check.kind == "score" else check.quantities
    return {f"{check.name}_{name}" for name in names}


def _is_lost(value: Found) -> bool:
    """Say whether a number, or one of several, is not finite."""
    return None in value if isinstance(value, tuple) else value is None
