"""Train runs that no record answers into the records of their studies."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from bnreport.analysis.study import Study
from bnreport.commands.project import Project
from bnreport.protocol.datasets import Profile
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.protocol.trials import Identity
from bnreport.records import checksums, preregistration
from bnreport.records.layout import Layout
from bnreport.records.store import read
from bnreport.running import orchestrate
from bnreport.running.orchestrate import RunContext, missing

Wanted = Sequence[tuple[Study, Identity]]
# Noted on what ends a command that records its runs one by one.
KEPT = "Finished runs are recorded."


@contextmanager
def keeping() -> Iterator[None]:
    """Decorate a command that records runs, so that whatever ends it bears the note `KEPT`."""
    try:
        yield
    except BaseException as error:
        error.add_note(KEPT)
        raise


def keeps(error: BaseException) -> bool:
    """Say whether the command that ended so keeps the runs that it had finished."""
    return any(KEPT in getattr(each, "__notes__", ()) for each in (error, error.__cause__))


def run_context(
    project: Project,
    profile: Profile,
    data: Path | None = None,
    cluster: str | None = None,
    wanted: Iterable[Identity] | None = None,
) -> RunContext:
    """Prepare to train the wanted runs, by default any; find the images where a run needs them."""
    context = RunContext(profile, None, Console(), cluster)
    if profile == "full" and (wanted is None or orchestrate.needs_images(wanted)):
        context = replace(context, folder=project.find(data, project.layout.cache, context.say))
    return orchestrate.with_ensemble_size(context, project.studies(), project.layout)


@dataclass(frozen=True)
class Destination:
    """A choice of runs of each study, and of the file in which they are recorded.

    Attributes:
        profile: how the runs are trained.
        replica: the name of a machine whose records are shown beside the judged ones.
        pilot: seeds to train instead, which judge nothing.
    """

    profile: Profile
    replica: str | None = None
    pilot: tuple[int, ...] = ()

    def path(self, layout: Layout, study: Study) -> Path:
        """The record file of a study, read at one of its editions."""
        name = study.edition.name
        if self.pilot:
            return layout.pilot(name)
        if self.replica:
            return layout.replica(self.replica, name)
        return layout.recorded(name, self.profile, study.announced)

    def editions(self, named: Iterable[Study]) -> list[Study]:
        """The editions whose runs are meant, of those that are named.

        Whoever tries a study tries its newest one, which may have no claims yet.
        """
        named = list(named)
        return list({study.name: study for study in named}.values()) if self.pilot else named

    def runs(self, study: Study) -> list[Identity]:
        """The runs of a study, read at one of its editions."""
        return study.pilots(self.pilot) if self.pilot else study.identities(self.profile)


def find_missing(
    project: Project, to: Destination, editions: Iterable[Study], rerun: bool, tuning: bool
) -> Wanted:
    """The runs that no record answers, or all, where they are to be trained again."""
    return [
        (edition, identity)
        for edition in editions
        for identity in missing(
            to.runs(edition),
            {} if rerun else read(to.path(project.layout, edition), project.say),
        )
        if not tuning or identity.seed in TUNING_SEEDS
    ]


def refuse_unclaimed(project: Project, wanted: Wanted) -> None:
    """Refuse runs of studies whose claims are not committed.

    Raises:
        RecordError: see `preregistration.refuse_uncommitted`.
    """
    claims = {study.edition.name: study.claims_digest for study, _ in wanted}
    preregistration.refuse_uncommitted(project.layout.root, claims, project.say)


def record(wanted: Wanted, path: Callable[[Study], Path], context: RunContext) -> None:
    """Train runs of studies, each read at an edition: one edition of a study after the other."""
    studies: dict[int, dict[str, Study]] = {}
    runs: dict[int, list[Identity]] = {}
    for study, identity in wanted:
        studies.setdefault(study.number, {})[study.name] = study
        runs.setdefault(study.number, []).append(identity)
    for number, named in sorted(studies.items()):
        files = {name: path(study) for name, study in named.items()}
        orchestrate.train(named, runs[number], files.__getitem__, context)


def settle(project: Project, written: Iterable[Path], before: Mapping[str, str]) -> None:
    """Remove what was verified of record files that have changed since, and list their digests."""
    layout = project.layout
    after = checksums.digests_of(layout.results)
    paths = []
    for path in written:
        name = path.relative_to(layout.results).as_posix()
        verified = layout.verified(path.stem)
        if (
            before.get(name) != after.get(name)
            and path.parent == verified.parent
            and verified.exists()
        ):
            verified.unlink()
            project.say(
                f"Removed {verified}: it is of other records. `bnreport verify {path.stem}` "
                "compares these."
            )
        paths += [path, verified]
    project.list_digests(paths)
