"""A column of a published table: name, type, unit, description; and those that all share."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["string", "integer", "number", "boolean", "array", "object"]

ACCURACY = "share of images that are right"
NATS = "nats"


@dataclass(frozen=True)
class Column:
    """A column of a published table, or a field of a published object."""

    name: str
    kind: Kind
    description: str
    unit: str = ""

    def field(self) -> dict[str, object]:
        """The column as a field of a Table Schema."""
        field: dict[str, object] = {"name": self.name, "type": self.kind}
        if self.kind == "boolean":
            field |= {"trueValues": ["1", "true"], "falseValues": ["0", "false"]}
        field["description"] = self.description
        return field | ({"unit": self.unit} if self.unit else {})


def columns(*rows: tuple[str, Kind, str] | tuple[str, Kind, str, str]) -> tuple[Column, ...]:
    """Columns of one kind, from their names and descriptions."""
    return tuple(Column(*row) for row in rows)


RUN = Column("run", "string", "the run's id: 16 hexadecimal digits of its identity's SHA-256")
STUDY = Column("study", "string", "the study's name")
TRIAL = Column("trial", "string", "the trial's name: one setting of its study, without a seed")
SEED = Column("seed", "integer", "fixes initial weights and batch order; arms are paired by it")
DIVERGED = Column(
    "diverged",
    "boolean",
    "whether a number of the run was no longer finite; its numbers are as recorded, but verdicts "
    "count its accuracy as that of guessing, 0.1",
)
