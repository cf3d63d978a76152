"""Who each claim predicts to be ahead, and in which numbers."""

from bnreport.directions import more, score
from bnreport.studies.alternatives.runs import EPOCHS

_TEST = score("test", EPOCHS)

DIRECTIONS = {
    "alternatives-bn-raw": more("bn", "raw", _TEST),
    "alternatives-bn-std": more("bn", "std", _TEST),
    "alternatives-ln": more("ln", "bn", _TEST),
    "alternatives-gn": more("gn", "bn", _TEST),
    "alternatives-ws": more("ws", "bn", _TEST),
    "alternatives-input-bn": more("input-bn", "std", _TEST),
    "alternatives-unit": more("unit", "raw", _TEST),
    "alternatives-centring": more("centred", "scaled", _TEST),
}
