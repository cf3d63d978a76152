"""Hold what a page shows, as values: tables, figures, numbers as text. Nothing is drawn here.

Begin with `tables.Analysis`; `plots` are what `figures` draws. What studies show is imported from
here. May import `statistics`.
"""

from bnreport.presentation.plots import Curves, Dots
from bnreport.presentation.tables import Table, Value

__all__ = ["Curves", "Dots", "Table", "Value"]
