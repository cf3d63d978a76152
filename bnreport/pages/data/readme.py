"""The README of the published data."""

from collections.abc import Sequence

from bnreport.pages.data import dictionary
from bnreport.pages.data.columns import Column
from bnreport.pages.data.resource import LICENCE, Resource

README = """\
Batch normalization, measured: the data
=======================================

Every recorded training run behind the site, and every claim with its verdict.
Licence: MIT, copyright the bnreport authors ({licence}).
Any use is allowed; keep the notice in LICENSE.txt.

datapackage.json describes every table: each column with its type, meaning and
unit, the keys, and how tables refer to each other (a Frictionless Data Package,
https://datapackage.org). It holds the SHA-256 of each file.
ro-crate-metadata.json says what the files are, by whom and as of which commit
(an RO-Crate, https://www.researchobject.org/ro-crate). SHA256SUMS.txt is for
"sha256sum --check SHA256SUMS.txt", and record.schema.json is the JSON Schema of
a record.

Where to begin
--------------

A verdict: claims.json holds the rule, the margin and the numbers, and
values.csv the paired differences that it was judged by. Two programs of the
site, in downloads/, check all of this. They need NumPy and SciPy, and nothing
of ours: "python verify.py FOLDER" judges the claims again from values.csv, and
"python metrics.py FOLDER" computes values.csv again from the runs, by the
formula of each claim. Its first lines say what a formula means.

A question of your own: runs.csv has a row for each run with all its settings.
Join the other tables to it by "run". In pandas:

    runs = pd.read_csv("runs.csv", low_memory=False).query("tuning == 0")
    arms = ["inputs", "net_normalizer", "batch_size"]
    sizes = runs[runs["study"] == "batchsize.2"]
    sizes.groupby(arms)[["deployed_val_accuracy", "fresh_val_accuracy"]].mean()

"deployed" scores BN by the moving averages that training kept, and "fresh" by
statistics that were taken of training images afterwards. What was measured on
the way is in <study>.csv, by epoch, and in <study>.measures.csv, by step and
layer: one table of all measures would be too large to open.

Arms are paired by the seed: the same seed means equal initial weights, where
the nets have the same layers, and equal batches. So compare within a seed.
Some studies share runs bit for bit: equal settings and seeds in runs.csv.

What to know
------------

- "diverged": a number of the run was no longer finite. Its rows are as they
  were recorded; every verdict counts its accuracy as that of guessing, 0.1.
- A text that a spreadsheet would take for a formula begins with an apostrophe.
- "tuning": the run only chose a setting. It takes no part in any verdict.
- Losses are mean cross-entropies in nats, accuracies are shares of images.
- "gd" and "bngd" of the toy are decimal logarithms of the excess loss, cut off
  at -16 and at 6: a 6 means that the descent was lost.
- Positions of measures count from 0. probes.csv says what they count, and where
  the output layer is the last of them. The drift of a mark is that since the
  mark before, so marks that are unevenly spaced are no equal stretches.

The records: <study>.jsonl
--------------------------

One JSON object a line, all that was written down of a run:

id          the run, the first 16 hexadecimal digits of the SHA-256 of its
            identity as canonical JSON (sorted keys, no spaces)
identity    what determines the run: study, trial with all its settings, seed,
            data (SHA-256 of the images), profile
digest      the SHA-256 of the line without it
provenance  how it was made: code (the digest of all definitions that its kind of
            run executes), claims (that of the claims that stood), commit, dirty
            (whether the tree had changes), versions, backend, device, threads,
            precision, seconds, and lanes where runs trained together
history     by metric, a list with a number for each epoch, as in <study>.csv;
            null where it was not finite
scores      which images were right: after "epoch", of "val_images" validation
            and "test_images" test images. "val_correct" and "test_correct" are
            base64 of packed bits, one an image in the order of the data set,
            the most significant bit first, 1 for right. In Python:
            np.unpackbits(np.frombuffer(base64.b64decode(text), np.uint8),
            count=images)
            Where the seed draws the validation images, they stand in the order in
            which it drew them, which is the same for every run with that seed.
early_loss  loss of the twentieth batch in nats; null in shorter runs
diverged    whether a number was no longer finite
checks      "<check>_<what>": a list with an entry for each of the check's
            steps, a number or a list by position; shorter where it diverged

The files
---------

{files}

The columns
-----------

{columns}
"""


def readme(published: Sequence[Resource]) -> str:
    """The README of these files."""
    width = max(len(resource.path) for resource in published)
    files = "\n".join(
        f"{r.path:{width}}  {f'“{r.title}”: ' if r.title else ''}{r.description}" for r in published
    )
    tables = {r.path: r.columns for r in published if r.columns and not r.title}
    tables["<study>.csv, and a column for each metric"] = tuple(dictionary.HISTORY.values())
    tables["<study>.measures.csv"] = dictionary.MEASURES
    columns = "\n\n".join(
        "\n".join([path, *(_described(column) for column in columns)])
        for path, columns in tables.items()
    )
    return README.format(files=files, columns=columns, licence=LICENCE["path"])


def _described(column: Column) -> str:
    unit = f" [{column.unit}]" if column.unit else ""
    return f"  {column.name:21}  {column.kind:7}  {column.description}{unit}"
