"""Show this machine's runs beside the record, on the page about this machine."""

from markupsafe import Markup

from bnreport.analysis.local_check import LocalCheck
from bnreport.errors import PageError
from bnreport.pages.fragments import fragment
from bnreport.pages.views import PageView
from bnreport.presentation.formats import number
from bnreport.presentation.tables import Table


def _checked(check: LocalCheck | None, view: PageView) -> LocalCheck:
    if check is None:
        raise PageError(
            f"Expected docs/{view.page} to ask whether this machine trained. Received: a build "
            "from records alone. Guard it with [% if local %]."
        )
    return check


def local_table(check: LocalCheck | None, view: PageView) -> Markup:
    """This machine's runs beside the record, number by number."""
    rows = tuple(
        (
            f"{c.trial}, seed {c.seed}",
            row.metric,
            number(row.recorded, 5),
            number(row.again - row.recorded, 5, signed=True),
            number(row.tolerance, 5),
            "equal bits" if c.equal_bits else ("agrees" if row.agrees else "differs"),
        )
        for c in _checked(check, view).comparisons
        for row in c.rows
    )
    head = ("run", "number", "recorded", "here, off by", "tolerance", "result")
    return fragment("table.html.j2", table=Table("Runs of this machine and the record", head, rows))


def local_figure(check: LocalCheck | None, view: PageView, caption: str) -> Markup:
    """This machine's runs as crosses over the recorded ones."""
    return view.figure("this-machine", _checked(check, view).plot, caption)
