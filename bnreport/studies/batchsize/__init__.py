"""How large must a batch be for batch normalization, and how many steps do its averages need?"""

from bnreport.analysis.study import Study
from bnreport.presentation.tables import Analysis
from bnreport.records.collection import Records
from bnreport.studies.batchsize.claims import CLAIMS
from bnreport.studies.batchsize.directions import DIRECTIONS
from bnreport.studies.batchsize.estimates import ESTIMATES
from bnreport.studies.batchsize.plots import by_size, by_statistics, by_step, table
from bnreport.studies.batchsize.runs import RUNS
from bnreport.studies.batchsize.values import all_values, scores


def analyse(records: Records) -> Analysis:
    """The accuracies by batch size, and by step for the moving averages."""
    return Analysis(
        values=all_values(records),
        tables={"sizes": table(records), "scores": scores(records)},
        plots={
            "sizes": by_size(records),
            "statistics": by_statistics(records),
            "lag": by_step(records),
        },
    )


STUDY = Study(
    name="batchsize",
    title="Batch size and moving averages",
    page="studies/batchsize.md",
    chapter="Limits and costs",
    question="How large must a batch be for batch normalization, and do its averages keep up?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    analyse=analyse,
)
