"""Say what is wrong with a study as it is written, before anything of it is trained or judged."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise

from bnreport.analysis.edition import Edition
from bnreport.analysis.study import CHAPTERS, Study
from bnreport.errors import nearest
from bnreport.protocol.directions import Direction

# Claims of a family, which share a level or Holm's adjustment: with more, none would have power
# left. The ten headlines that go to other data are a family on each of them (decision 9).
MOST_CONTRASTS = 10
# Names that one sentence tells of those that are wrong.
MOST_TOLD = 3
# Its claims were frozen before claims had labels.
UNLABELLED = "notebook"
# "100-111", or "100"; any other text is not about seeds alone.
_SEEDS = re.compile(r"(\d+)(?:-(\d+))?")


def mistakes(study: Study) -> Iterator[str]:
    """Yield what is wrong with the study as written, in sentences; nothing of a sound one."""
    yield from _odd("a chapter", CHAPTERS, [study.chapter])
    for at in study.by_edition():
        yield from _of_edition(at.edition)
        yield from _of_reading(at)
    yield from _confused(study.name, [study.edition, *(each.edition for each in study.later)])
    for later in study.later:
        if later.title or later.question or later.page or later.chapter or later.later:
            yield (
                f"Expected edition {later.number} of {study.name} to be named by the first. "
                "Received: a title, question, page, chapter or edition of its own. Leave it out."
            )


def _of_reading(study: Study) -> Iterator[str]:
    """Yield what does not fit together in a study as read at one edition."""
    claims = [claim.id for claim in study.claims]
    trials = [runs.trial.name for runs in study.runs]
    yield from _odd("a trial in `check`", trials, study.check)
    for field_, given in (
        ("estimates", study.estimates),
        ("directions", study.directions),
        ("display", study.display),
    ):
        yield from _odd(f"a claim in `{field_}`", claims, given)
    named: dict[str, str] = {}
    for name, directions in study.directions.items():
        each = [directions] if isinstance(directions, Direction) else directions.values()
        for direction in each:
            named |= {reading.trial: name for reading in direction.readings}
    claim = next((named[trial] for trial in sorted(named) if trial not in trials), "")
    yield from _odd(f"a trial in `ahead` of claim {claim}", trials, sorted(named))
    for claim in sorted(set(claims) - set(study.estimates)):
        yield f"Expected an estimate of every claim. Received: none of {claim!r}. Add it."
    if not all(claim.label for claim in study.claims) and study.name != UNLABELLED:
        unlabelled = [claim.id for claim in study.claims if not claim.label]
        yield (
            "Expected a label of every claim, for the figure of all effects. Received: none "
            f"of {', '.join(unlabelled)}. Add label=…."
        )


def _confused(study: str, editions: Sequence[Edition]) -> Iterator[str]:
    """Yield what editions of the study share that they may not, two by two."""
    for before, edition in pairwise(editions):
        if (edition.study, edition.number) != (study, before.number + 1):
            yield (
                f"Expected edition {before.number + 1} of {study} in `later`. Received: "
                f"{edition.number} of {edition.study}. Number the editions in order."
            )
    for first, second in combinations(editions, 2):
        if seeds := first.judged() & second.judged():
            yield (
                f"Expected edition {second.number} to judge at seeds that nobody has looked "
                f"at. Received: {sorted(seeds)}, those of edition {first.number}. Use others."
            )
        ids = {claim.id for claim in first.claims} & {claim.id for claim in second.claims}
        for name in sorted(ids):
            yield (
                f"Expected a claim in one edition. Received: {name!r} in {first.number} and "
                f"{second.number}. Rename the later one."
            )


def _of_edition(edition: Edition) -> Iterator[str]:
    trials = [runs.trial.name for runs in edition.runs]
    claims = [claim.id for claim in edition.claims]
    named = [name for family in edition.families for name in family]
    for kind, names in (
        ("a trial", trials),
        ("a claim", claims),
        ("a claim in `families`", named),
    ):
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"Expected {kind} once. Received: {name!r} twice. Rename one."
    yield from _odd("a claim in `families`", claims, named)
    contrasts = [c.id for c in edition.claims if c.kind in ("difference", "equivalence")]
    if edition.families and (alone := [name for name in contrasts if name not in named]):
        yield (
            f"Expected a family of every difference and equivalence. Received: none of "
            f"{', '.join(alone)}. Add them to one of the `families`."
        )
    for family in edition.families or (tuple(claims),):
        if (many := len({*family} & {*contrasts})) > MOST_CONTRASTS:
            yield (
                f"Expected at most {MOST_CONTRASTS} differences and equivalences. Received: "
                f"{many}. Leave some out: they share Holm's adjustment."
            )
    yield from _untrained(edition)


def _untrained(edition: Edition) -> Iterator[str]:
    """Claims whose `seeds` name other seeds than those that are trained."""
    trained = {runs.full for runs in edition.runs}
    for claim in edition.claims:
        match = _SEEDS.fullmatch(claim.seeds)
        if match and tuple(range(int(match[1]), int(match[2] or match[1]) + 1)) not in trained:
            spans = sorted({f"{seeds[0]}-{seeds[-1]}" for seeds in trained if seeds})
            yield (
                f"Expected seeds of claim {claim.id} that a trial trains: {', '.join(spans)}. "
                f"Received: {claim.seeds!r}. Make the two agree."
            )


def _odd(kind: str, known: Sequence[str], given: Iterable[str]) -> Iterator[str]:
    """Yield one sentence, however many of the names are unknown: a slip is often made in many."""
    if odd := [name for name in given if name not in known]:
        names = nearest(odd[0], known) or "none, for there is none"
        received = ", ".join(map(repr, odd[:MOST_TOLD]))
        more = f" and {len(odd) - MOST_TOLD} more" if len(odd) > MOST_TOLD else ""
        yield f"Expected {kind}: {names}. Received: {received}{more}. Use one of these."
