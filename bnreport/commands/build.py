"""From a checkout to a finished site: train what is missing, gather, render, build, check."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console

from bnreport.commands.build_options import BuildOptions, Summary
from bnreport.commands.publish import publish, refuse_folder, restore
from bnreport.commands.report import from_records
from bnreport.commands.trained_here import from_training
from bnreport.errors import BnreportError
from bnreport.machine import cores
from bnreport.pages.render import render, stage
from bnreport.pages.social_card import picture
from bnreport.pages.staging import Staging
from bnreport.pages.supplies import Supplies
from bnreport.presentation.formats import duration
from bnreport.site.checks.gate import check as check_site
from bnreport.site.menu import expected_pages, navigation
from bnreport.site.mkdocs import build_site


def build(order: BuildOptions, console: Console) -> Summary:
    """Build the site.

    Raises:
        BnreportError: when anything is missing, damaged, stale or broken, or another build is
            under way in this checkout.
    """
    with _alone(order.layout.build_lock):
        return _build(order, console)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    # Builds share the rendered pages, the site and the records of this machine.
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise BnreportError(
            f"Expected to be the only build in this checkout. Received: another holds {path}. "
            "Wait for it to end."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _build(order: BuildOptions, console: Console) -> Summary:
    layout = order.layout
    summary = Summary((order.site or layout.site).resolve())
    # A site that the gate refuses stays there to be looked at, beside the last good one.
    partial_site = summary.site.with_name(summary.site.name + ".partial")
    restore(summary.site)
    if order.site is not None:
        refuse_folder(order.site, "index.html")
        # A call that ended in the middle has written these first.
        refuse_folder(partial_site, "assets")
    if order.records_only:
        with summary.stage("read the records and judge"):
            report = from_records(order, console)
            summary.reused = sum(len(study.records) for study in report.editions())
    else:
        report = from_training(order, console, summary)
    with summary.stage("render"):
        supplies = Supplies(processes=cores(), cache=order.kept)
        staging = render(report, layout.pages, Staging(supplies=supplies))
        stage(staging, layout.pages, layout.notebook, layout.staged, picture(report, order.kept))
    with summary.stage("mkdocs"):
        menu = navigation(report)
        theme = build_site(layout.root, menu, report, partial_site)
    with summary.stage("gate"):
        check_site(partial_site, expected_pages(menu), theme, order.kept)
    publish(partial_site, summary.site)
    order.kept.prune()
    return summary


def tell(summary: Summary, console: Console) -> None:
    """Say at the end where the site is, what was trained, and how long each stage took."""

    def say(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True)

    if summary.check is not None:
        result = "agree" if summary.check.agrees else "do NOT agree"
        say(f'The runs trained here {result} with the record; see the page "On this machine".')
    say(f"Runs trained: {summary.trained}; reused: {summary.reused}.")
    times = "; ".join(f"{name} {duration(seconds)}" for name, seconds in summary.stages.items())
    say(f"Time: {times}.")
    say(f"The site is in {summary.site}. Open {summary.site / 'index.html'}.")
