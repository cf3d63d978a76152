"""The commands for the site and for those who write it: build, check, serve, diff, new."""

from pathlib import Path

import click
from rich.console import Console

from bnreport.commands import new as skeletons
from bnreport.commands import options, recording
from bnreport.commands.build import build as build_site
from bnreport.commands.build import tell
from bnreport.commands.build_options import BuildOptions
from bnreport.commands.project import Project, pass_project
from bnreport.commands.report import from_records
from bnreport.commands.serve import serve as serve_site
from bnreport.pages.render import check as check_pages
from bnreport.pages.staging import Staging
from bnreport.pages.supplies import Supplies
from bnreport.protocol.datasets import Profile
from bnreport.site import changes

ALL = "every study"


@click.command()
@click.option(
    "--records",
    is_flag=True,
    help="Build from the committed records alone: trains nothing and needs no TensorFlow.",
)
@options.profile
@options.data
@options.cluster
@click.option(
    "--rerun",
    is_flag=False,
    flag_value=ALL,
    metavar="[STUDY]",
    help="Train again although records exist: one study, or all when none is named.",
)
@click.option(
    "--site-dir",
    type=click.Path(path_type=Path, resolve_path=True),
    help="Where to put the site.",
)
@options.no_cache
@pass_project
@recording.keeping()
def build(
    project: Project,
    records: bool,
    profile: Profile,
    data_dir: Path | None,
    cluster: str | None,
    rerun: str | None,
    site_dir: Path | None,
    no_cache: bool,
) -> None:
    """Build the site, training what is missing.

    Also trains one paired seed here and compares it with the record; the page "On this machine"
    shows the result. What a build trains goes to .local/, never to results/.
    """
    if records and (rerun or cluster):
        other = "--rerun" if rerun else "--cluster"
        raise click.UsageError(f"--records trains nothing, so it cannot go with {other}.")
    again = project.chosen(() if rerun == ALL else (rerun,)) if rerun is not None else ()
    order = BuildOptions(
        project, profile, records, data_dir, tuple(again), site_dir, cluster, not no_cache
    )
    console = Console()
    tell(build_site(order, console), console)


@click.command()
@click.argument("name", required=False)
@options.profile
@options.no_cache
@pass_project
def check(project: Project, name: str | None, profile: Profile, no_cache: bool) -> None:
    """Look every name up that the pages ask for, and tell every mistake at once; draw nothing.

    NAME is a study or a page, such as docs/methods.md, to look at alone.
    """
    order = BuildOptions(project, profile, records_only=True, cache=not no_cache)
    supplies = Supplies(draw=None, cache=order.kept)
    report = from_records(order, Console())
    only = name and _page_of(project, name)
    pages = check_pages(report, project.layout.pages, Staging(supplies=supplies), only)
    project.say(f"Pages: {pages}. Every name that they use is there.")


def _page_of(project: Project, name: str) -> str:
    """The page of a study, or of a path from the checkout or from docs/."""
    if study := project.studies().get(name):
        return study.page
    page = name.removeprefix("docs/")
    if not (project.layout.pages / page).is_file():
        raise click.UsageError(f"{name!r} is no study and no page. Name one, such as docs/run.md.")
    return page


@click.command()
@click.option("--port", default=8000, show_default=True, help="Port on this machine.")
@options.no_cache
@pass_project
def serve(project: Project, port: int, no_cache: bool) -> None:
    """Serve the site on this machine while it is written; never trains.

    What is saved of a page, a study, a lesson, a template or the theme is built at once, and the
    browser shows it. A mistake is told here, and the site stays as it was.
    """
    serve_site(BuildOptions(project, records_only=True, cache=not no_cache), port, Console())


SITE = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("base", type=SITE)
@click.argument("head", type=SITE)
def diff(base: Path, head: Path) -> None:
    """Say in Markdown what a change does to the site.

    BASE and HEAD are the folders of the site before and after it. Told are claims, words, numbers
    beyond rounding, the seeds behind them, figures and pages, and first what can harm a reader:
    links, sources, alternative texts and scripts of pages, and files such as those of assets/.
    """
    click.echo(changes.markdown(changes.compare(changes.read(base), changes.read(head))), nl=False)


@click.group()
def new() -> None:
    """Begin something new with a working skeleton, in which what is to be filled in is marked."""


@new.command("study")
@click.argument("name")
@click.option("--title", default="", help="Title of its page. By default it names what varies.")
@click.option(
    "--question",
    default="",
    help="What it asks, in a sentence. By default whether what varies matters.",
)
@click.option(
    "--vary",
    metavar="FIELD=ONE,OTHER",
    default=skeletons.VARIED,
    show_default=True,
    help="The field of the net or of its training in which its two arms differ, and what it is in "
    "each. The claim predicts that the first is more accurate.",
)
@pass_project
def new_study(project: Project, name: str, title: str, question: str, vary: str) -> None:
    """Write a study NAME: one claim on two arms with BN, its page and its test.

    It is announced: builds leave it out until its records exist. While it is written,
    `bnreport run NAME --profile quick` trains it in seconds on small images, and
    `bnreport check NAME --profile quick` looks its page through.
    """
    for path in skeletons.write(project.layout, name, title, question, vary):
        project.say(f"Wrote {path.relative_to(project.layout.root)}.")
    project.say(
        f"Fill in what these files mark, then try it: `bnreport run {name} --profile quick`."
    )
