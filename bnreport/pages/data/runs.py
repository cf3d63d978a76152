"""The runs as CSV and as JSON lines."""

import csv
import io
from collections.abc import Iterable

from bnreport.pages.data.cells import harmless
from bnreport.protocol.trials import AnyTrial
from bnreport.records.record import Record

COLUMNS = ("run", "trial", "seed", "net", "learning_rate", "epoch", "diverged")


def runs_csv(records: Iterable[Record]) -> str:
    """One row a run and epoch (a round, for timings); a cell is empty where there is no number."""
    ordered = sorted(records, key=lambda r: (r.identity.trial.name, r.identity.seed))
    metrics = sorted({name for record in ordered for name in record.history})
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*COLUMNS, *metrics])
    for record in ordered:
        trial = record.identity.trial
        epochs = max((len(values) for values in record.history.values()), default=0)
        fixed = [record.id, harmless(trial.name), record.identity.seed, harmless(_nets(trial))]
        rates = getattr(trial, "rates", ()) or [getattr(trial, "learning_rate", None)] * epochs
        for epoch in range(epochs):
            numbers = [_cell(record, metric, epoch) for metric in metrics]
            rows.writerow([*fixed, rates[epoch], epoch + 1, int(record.diverged), *numbers])
    return text.getvalue()


def _nets(trial: AnyTrial) -> str:
    """The names of the net or nets; a structure has none, and stands in the table of all runs."""
    nets = getattr(trial, "nets", ()) or (getattr(trial, "net", ""),)
    return " ".join(net for net in nets if isinstance(net, str))


def runs_jsonl(records: Iterable[Record]) -> str:
    """Every number of every run, as it is recorded: one JSON object a line."""
    ordered = sorted(records, key=lambda r: (r.identity.trial.name, r.identity.seed))
    return "".join(record.sealed() + "\n" for record in ordered)


def _cell(record: Record, metric: str, epoch: int) -> float | str:
    values = record.history.get(metric, ())
    value = values[epoch] if epoch < len(values) else None
    return "" if value is None else value
