"""What training costs: the notebook's loop, this engine, and the products that neither can spare.

A benchmark makes no claim. Its targets were set before it was run, and a table says which are met.
"""

from bnreport.analysis.study import Study
from bnreport.presentation.tables import Analysis
from bnreport.protocol.measurements import BenchTrial
from bnreport.protocol.runs import Runs
from bnreport.records.collection import Records
from bnreport.studies.performance.measures import Parts, parts
from bnreport.studies.performance.plots import all_plots
from bnreport.studies.performance.tables import all_tables
from bnreport.studies.performance.values import all_values

NETS = ("baseline", "bn")
SEED, QUICK_SEED = (100,), (200,)

RUNS = (
    Runs(BenchTrial(name="loops", part="loops", nets=NETS, rounds=5), SEED, ()),
    Runs(
        BenchTrial(name="lanes", part="lanes", nets=NETS, rounds=2, sizes=(2, 4, 8, 16, 64)),
        SEED,
        (),
    ),
    Runs(BenchTrial(name="start-up", part="start-up", nets=NETS, rounds=2), SEED, ()),
    Runs(
        BenchTrial(
            name="runs", part="runs", nets=NETS[:1], rounds=1, sizes=(1, 2, 4, 8, 16, 32, 64)
        ),
        SEED,
        (),
    ),
    Runs(
        BenchTrial(
            name="thousand", part="thousand", nets=NETS[:1], rounds=1, sizes=(125, 250, 500, 1000)
        ),
        SEED,
        (),
    ),
    # The quick profile looks at one net in one part, for tests and a first look.
    Runs(
        BenchTrial(name="quick-loops", part="loops", nets=NETS[:1], rounds=2, apart=False),
        (),
        QUICK_SEED,
    ),
)


def analyse(records: Records) -> Analysis:
    """Everything that the page of this study shows."""
    here = parts(records.of)
    others: dict[str, Parts] = {name: parts(of) for name, of in records.replicas.items()}
    return Analysis(
        values=all_values(here, others),
        tables=all_tables(here, others),
        plots=all_plots(here),
    )


STUDY = Study(
    name="performance",
    title="Performance",
    page="studies/performance.md",
    chapter="Cost",
    question="What does a run cost, beside the notebook's own loop and bare matrix products?",
    runs=RUNS,
    analyse=analyse,
)
