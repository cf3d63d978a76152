"""The figure of the page: what the layer does in every state and use."""

from bnreport.presentation.plots import Matrix, Plot, Tile
from bnreport.records.collection import Records
from bnreport.studies.keras.runs import BACKENDS
from bnreport.studies.keras.tables import MODES, STATES, meanings

# What a use means, in the room of a tile.
SHORT = {"the averages drift alone": "drift", "learns on fixed averages": "inference, learns"}
ROWS = {
    **STATES,
    "told-model": "Called with training=False, functional",
    "told-method": "Called with training=False in a method",
}
BY_BATCH = {"training", "the averages drift alone"}
IN_INFERENCE = {"inference", "learns on fixed averages"}


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {
        "uses": Matrix(
            title="What the layer does in every use",
            subtitle="Training: by the batch, and the averages move with gamma and beta; drift: "
            "the averages move alone. Inference: by the averages, which stay. Orange: not what "
            f"was asked for. The same on {' and '.join(BACKENDS.values())}, or both are named",
            columns=tuple(name.replace("=", "=\n") for name in MODES.values()),
            rows=tuple((words, _row(records, state)) for state, words in ROWS.items()),
        )
    }


def _row(records: Records, state: str) -> tuple[Tile | None, ...]:
    """A tile for each use of a layer; one that was told otherwise was only fitted."""
    told = state.startswith("told")
    return tuple(
        None if told and mode != "fit" else _tile(state, mode, meanings(records, f"{state}_{mode}"))
        for mode in MODES
    )


def _tile(state: str, mode: str, means: list[str]) -> Tile:
    """What a use means, on all backends: by the batch, by the averages, or not as asked for."""
    text = " or ".join(SHORT.get(word, word) for word in means)
    asked = {"training", "inference"} if mode == "fit" else BY_BATCH | IN_INFERENCE
    if state in {"frozen", "parent", "told-model", "told-method"}:
        asked = IN_INFERENCE
    if not set(means) <= asked:
        return Tile(text, "raw")
    return Tile(text, "bn" if set(means) <= BY_BATCH else "neutral")
