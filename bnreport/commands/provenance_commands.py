"""The commands that write down what records are of: checksums, history, link."""

import click

from bnreport.commands.project import Project, pass_project
from bnreport.records import checksums as sums
from bnreport.records import preregistration
from bnreport.records.code import history as code_history
from bnreport.records.store import read


@click.command()
@pass_project
def checksums(project: Project) -> None:
    """Write results/SHA256SUMS, the digest of every file in results/, and say what changed in it.

    `bnreport run` and `bnreport verify` do this by themselves; it is for a call that was cut short
    and for a file that was added by hand. Damaged records are refused first.
    """
    results = project.layout.results
    for path in sorted(results.rglob("*.jsonl")):
        read(path, project.say)
    project.list_digests(None)
    project.say(f"{len(sums.listed(results))} files are listed.")


@click.command()
@click.option("--again", is_flag=True, help="Also for commits that are written down already.")
@pass_project
def history(project: Project, again: bool) -> None:
    """Write down the code and the claims of each commit that a record names.

    The digests of the code go to results/code.json, those of the claims to
    results/preregistration.json. They are found in the history of the checkout; a build then needs
    none.
    """
    layout = project.layout
    for path, content, update in (
        (layout.code, "code", code_history.update),
        (layout.preregistration, "claims", preregistration.update),
    ):
        for commit in update(layout, project.say, again):
            project.say(f"Added the {content} of commit {commit[:12]}.")
        project.list_digests([path])
        project.say(f"{path.name} is up to date.")


@click.command()
@click.argument("reason")
@click.option(
    "--since", default="HEAD", show_default=True, help="The commit whose code does the same."
)
@click.argument("names", nargs=-1)
@pass_project
def link(project: Project, reason: str, names: tuple[str, ...], since: str) -> None:
    """Write down, with its REASON, that changed code does the same: for review.

    The digests that differ from those of the last commit go to results/links.toml as pairs; NAMES
    takes some of them, "train" or "probe-drift", say. Records then stand as they did.
    """
    added = code_history.link(project.layout, reason, since, names)
    if added is None:
        project.say(f"Nothing to link: what runs execute is the same as at {since}.")
        return
    project.list_digests([project.layout.links])
    project.say(f"Linked {', '.join(added.same)} in {project.layout.links.name}: {reason}")
