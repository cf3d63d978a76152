"""Nets that are deployed after a constant rate: which rate either score chose, and their runs."""

from collections.abc import Sequence

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.ends import DEPLOYED
from bnreport.analysis.metrics import Floats
from bnreport.analysis.recipes import final
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.optimization import CONSTANT, Optimizer
from bnreport.records.record import Record
from bnreport.studies.optimizers.ways import SETTING
from bnreport.studies.optimizers.ways import WAYS as OPTIMIZERS

RAW_BN, STD = usual("bn", "std")
# What figures and tables call the three ways to train.
TITLES = {"sgd": "SGD", "momentum": "momentum", "adam": "Adam"}
# What the studies of optimizers and of six ways to train chose by fresh statistics.
BY_FRESH = {"sgd": 0.3, "momentum": 0.01, "adam": 0.001}
WITHOUT_BN = {"sgd": 0.1, "adam": 0.001}
# What the tuning runs choose by the score of deployed nets. With momentum it is the same rate: the
# claims of the study of six ways to train judge those nets, and no other run is needed.
BY_DEPLOYED = {"sgd": 0.1, "momentum": 0.01, "adam": 0.0003}
GRIDS = {way: OPTIMIZERS[way].grid for way in TITLES} | {"adam": OPTIMIZERS["adam-constant"].grid}
DIFFERING = tuple(way for way in TITLES if BY_DEPLOYED[way] != BY_FRESH[way])
SEEDS = tuple(range(300, 348))


def scored_deployed(records: Sequence[Record]) -> Floats:
    """The validation accuracy at the end by Keras' moving averages in per cent, (seeds,)."""
    return 100 * final(records, DEPLOYED)


def _arm(base: Arm, way: str, name: str, label: str) -> Arm:
    rule = Optimizer(rule=OPTIMIZERS[way].rule)
    fields = {"optimizer": rule, "schedule": CONSTANT}
    return base.variant(f"{name}-{way}", label=label, fields=fields)


SUITED = {way: _arm(RAW_BN, way, "bn", "BN, deployed chose") for way in TITLES}
EARLIER = {way: _arm(RAW_BN, way, "bn-fresh", "BN, fresh chose") for way in DIFFERING}
CONTROL = {way: _arm(STD, way, "std", "standardized") for way in DIFFERING}
NETS = {
    way: TunedRecipes(
        {SUITED[way]: BY_DEPLOYED[way]},
        grid=GRIDS[way],
        setting=SETTING,
        score=scored_deployed,
    )
    for way in TITLES
}
RUNS = (
    *(runs for way in TITLES for runs in NETS[way].tuning_runs(SUITED[way])),
    *(
        arm.recipes(SEEDS, learning_rate=rate[way], **SETTING)
        for way in DIFFERING
        for arm, rate in (
            (SUITED[way], BY_DEPLOYED),
            (EARLIER[way], BY_FRESH),
            (CONTROL[way], WITHOUT_BN),
        )
    ),
)
