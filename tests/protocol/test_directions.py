"""Each estimate has the sign that its claim's words ask for, and reads nothing else."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bnreport.analysis.study import Study
from bnreport.analysis.verdicts import LEAST_SEEDS, ONLY
from bnreport.protocol.claims import Claim
from bnreport.protocol.directions import Direction, check, more
from bnreport.protocol.nets import Net
from bnreport.protocol.rules import LOST
from bnreport.protocol.trials import Trial
from bnreport.statistics.estimates import Contrast
from bnreport.studies import all_editions
from tests.directed import Directed, Lifts, Side, lose

STUDIES = all_editions()
JUDGED = [study for study in STUDIES.values() if study.claims]
STUDY_OF = {claim.id: study for study in JUDGED for claim in study.claims}
CLAIMS = {claim.id: claim for study in JUDGED for claim in study.claims}
EXTREMES = {"largest", "smallest"}
ALL_COUNT = {"each", "slope", "nearness", *EXTREMES}
# Which way the curves of what is made up bend.
BENDS = (1, -1)
SIGNS: dict[Side, int] = {"favoured": 1, "other": -1}
each_study = pytest.mark.parametrize("study", JUDGED, ids=lambda study: study.edition.name)


def each(
    asked: Callable[[Claim], bool],
) -> Callable[[Callable[[str], None]], Callable[[Study], None]]:
    """Make what holds of a claim a test of each study, which names every claim that fails it."""

    def made(holds: Callable[[str], None]) -> Callable[[Study], None]:
        @pytest.mark.parametrize(
            "study",
            [study for study in JUDGED if any(map(asked, study.claims))],
            ids=lambda study: study.edition.name,
        )
        def test(study: Study) -> None:
            failed = {}
            for claim in filter(asked, study.claims):
                try:
                    holds(claim.id)
                except AssertionError as error:
                    failed[claim.id] = str(error)
            assert not failed, "\n".join(f"{claim}: {said}" for claim, said in failed.items())

        test.__name__ = holds.__name__
        return test

    return made


def of(*kinds: str) -> Callable[[Claim], bool]:
    """Whether a claim is of one of these kinds."""
    return lambda claim: claim.kind in kinds


each_contrast = each(of("difference", "equivalence"))


def directions(claim: str) -> dict[str, Direction]:
    """The direction of a claim in each of its settings."""
    found = STUDY_OF[claim].directions[claim]
    return {ONLY: found} if isinstance(found, Direction) else dict(found)


@cache
def made(study: str, salt: int = 0) -> Directed:
    return Directed(STUDIES[study], salt)


@dataclass(frozen=True)
class Case:
    """A claim in one of its settings."""

    claim: str
    setting: str
    direction: Direction

    def contrast(
        self, lifts: Lifts, salt: int = 0, bend: int = 1, lost: Iterable[str] = ()
    ) -> Contrast:
        """What the claim is judged by where arms are lifted so and a run of each trial is lost."""
        study = STUDY_OF[self.claim]
        records = made(study.edition.name, salt).records((self.direction, lifts), bend=bend)
        found: Any = study.estimates[self.claim](lose(records, lost))
        contrast = found[self.setting] if self.setting else found
        assert isinstance(contrast, Contrast)
        return contrast

    def differences(self, lifts: Lifts, salt: int = 0, bend: int = 1) -> NDArray[np.float64]:
        """The differences, one a pair."""
        return np.array(self.contrast(lifts, salt, bend).values)

    def better(self, side: Side) -> Lifts:
        """All readings of an arm better; where a number is its other arm, the favoured worse."""
        if side == "other" and not self.direction.other:
            return dict.fromkeys(self.better("favoured"), -1.0)
        return {(side, number): 1.0 for number in range(len(getattr(self.direction, side)))}

    def ways(self, side: Side) -> Iterator[Lifts]:
        """How an arm can be better: in all of its readings, and in each where each counts."""
        better = self.better(side)
        yield better
        if (
            self.direction.measure not in {"width", "highest", "largest", "smallest"}
            and len(better) > 1
        ):
            yield from ({key: lift} for key, lift in better.items())


def cases(claim: str) -> Iterator[Case]:
    """Every setting of a claim."""
    return (Case(claim, setting, found) for setting, found in directions(claim).items())


@each_contrast
def test_a_contrast_is_positive_where_the_favoured_arm_is_better(claim: str) -> None:
    for case, bend in product(cases(claim), BENDS):
        for lifts in case.ways("favoured"):
            found = case.differences(lifts, bend=bend)
            assert len(found) >= LEAST_SEEDS
            assert found.min() > 0, (case.setting, bend, lifts)


@each_contrast
def test_a_contrast_is_negative_where_the_arms_change_places(claim: str) -> None:
    for case, bend in product(cases(claim), BENDS):
        for lifts in case.ways("other"):
            found = case.differences(lifts, bend=bend)
            assert found.max() < 0, (case.setting, bend, lifts)


@pytest.mark.slow
@each_contrast
def test_a_contrast_reads_nothing_but_what_its_direction_names(claim: str) -> None:
    for case in cases(claim):
        assert np.abs(case.differences({})).max() < 1e-9, case.setting
        for lifts in ({}, case.better("favoured"), case.better("other")):
            found, again = (case.differences(lifts, salt).tolist() for salt in (0, 1))
            assert found == again, case.setting


@pytest.mark.slow
@each_contrast
def test_a_contrast_reads_all_that_its_direction_names(claim: str) -> None:
    for case in cases(claim):
        # Of a curve that arrives, a width, a match or a range some values do not count.
        if case.direction.measure not in ALL_COUNT:
            continue
        alike = case.differences({})
        for side, sign in SIGNS.items():
            for cells in one_at_a_time(case, side):
                better, worse = (
                    sign * (case.differences(alone(case, side, cells, by)) - alike)
                    for by in (8.0, -8.0)
                )
                moved = np.maximum(np.abs(better), np.abs(worse)) > 1e-9
                pairs = [cell.pair for cell in cells]
                assert np.flatnonzero(moved).tolist() == pairs, case.setting
                check_alone(case, better[pairs], worse[pairs])


def check_alone(case: Case, better: NDArray[np.float64], worse: NDArray[np.float64]) -> None:
    """Each value alone moves a contrast to the side that its measure says."""
    if case.direction.measure == "each":
        assert better.min() > 0 > worse.max(), case.setting
    if case.direction.measure in EXTREMES:
        rises = case.direction.favoured[0].more == (case.direction.measure == "largest")
        moves, stays = (better, worse) if rises else (worse, better)
        assert np.abs(moves).min() > 1e-9, case.setting
        # What is not the largest may be any other number that is not.
        assert np.mean(np.abs(stays) > 1e-9) < 0.5, case.setting


@each(lambda claim: LOST in claim.rule)
def test_a_lost_run_counts_where_it_is_read_and_nowhere_else(claim: str) -> None:
    runs = STUDY_OF[claim].runs
    trained = {r.trial.name for r in runs if r.full and isinstance(r.trial, Trial)}
    for case in cases(claim):
        read = {reading.trial for reading in case.direction.readings} & trained
        lifts = case.better("favoured")
        assert case.contrast(lifts, lost=trained - read) == case.contrast(lifts), case.setting
        # At the highest rate of a sweep that learns nothing is lost with another.
        for trial in sorted(read) if case.direction.measure != "highest" else ():
            found = case.contrast(lifts, lost=[trial])
            assert found.diverged or found.censored, (case.setting, trial)


@dataclass(frozen=True)
class Cell:
    """One value of an arm, or all marks of a score, at one seed; `pair` is what it counts in."""

    pair: int
    number: int
    where: tuple[Any, ...]


def one_at_a_time(case: Case, side: Side) -> Iterator[list[Cell]]:
    """Every value of an arm, each in another pair than the others of its list."""
    cells: list[Cell] = []
    for number, reading in enumerate(getattr(case.direction, side)):
        seeds, places, layers = made(STUDY_OF[case.claim].edition.name).shape(reading)
        whole = reading.quantity.kind == "score"
        for place, layer in product(range(places), [slice(None)] if whole else range(layers)):
            # Pairs are seeds, or the rounds of one process.
            pair = len(cells) % LEAST_SEEDS if seeds > 1 else place
            cells.append(Cell(pair, number, (pair if seeds > 1 else 0, place, layer)))
    for first in range(0, len(cells), LEAST_SEEDS):
        yield cells[first : first + LEAST_SEEDS]


def alone(case: Case, side: Side, cells: list[Cell], by: float) -> Lifts:
    """Lifts of these values alone."""
    readings = enumerate(getattr(case.direction, side))
    shape = made(STUDY_OF[case.claim].edition.name).shape
    lifts = {(side, number): np.zeros(shape(reading)) for number, reading in readings}
    for cell in cells:
        lifts[side, cell.number][cell.where] = by
    return lifts


def placed(claim: str, salt: int, worse: str = "", lifts: Lifts | None = None) -> Any:
    """The estimate of a claim on numbers where all are right, but for the lifts of one."""
    of = [
        (found, (lifts or {}) if name == worse else {}) for name, found in directions(claim).items()
    ]
    study = STUDY_OF[claim]
    return study.estimates[claim](made(study.edition.name, salt).records(*of))


@each(of("exact"))
def test_an_identity_is_missed_where_one_of_its_numbers_is_wrong_and_nowhere_else(
    claim: str,
) -> None:
    most = CLAIMS[claim].margin or 0.0
    assert placed(claim, 0) == placed(claim, 1)
    assert placed(claim, 0).largest <= most
    of = list(cases(claim))
    # Of the many facts on which two backends agree some are enough.
    for case in of[:: 1 + len(of) // 40]:
        for cell in chain.from_iterable(one_at_a_time(case, "favoured")):
            lifts = alone(case, "favoured", [cell], -100.0)
            assert placed(claim, 0, case.setting, lifts).largest > most, (case.setting, cell)


@each(of("fit"))
def test_a_fit_is_refused_where_one_printed_number_is_far_off_and_nowhere_else(claim: str) -> None:
    assert placed(claim, 0).p == placed(claim, 1).p == 1
    for case in cases(claim):
        assert placed(claim, 0, case.setting, case.better("favoured")).p < 1, case.setting


@each_study
def test_every_claim_has_a_direction_in_each_of_its_settings(study: Study) -> None:
    assert set(study.directions) == {claim.id for claim in study.claims}
    for claim in study.claims:
        of = study.directions[claim.id]
        if claim.kind in {"difference", "equivalence"}:
            assert isinstance(of, Direction) != bool(claim.settings), claim.id
            assert tuple(directions(claim.id)) == (claim.settings or (ONLY,)), claim.id


@each_study
def test_a_direction_names_runs_that_are_judged_and_two_arms_that_differ(study: Study) -> None:
    judged = {runs.trial.name for runs in study.runs if runs.full}
    for claim in study.claims:
        for case in cases(claim.id):
            readings = case.direction.readings
            assert {reading.trial for reading in readings} <= judged, claim.id
            assert not set(case.direction.favoured) & set(case.direction.other), claim.id


NORMALIZERS = {
    "batch": ("BN",),
    "noisy": ("BN",),
    "layer": ("layer normalization",),
    "group": ("group normalization",),
    "weight": ("weight standardization",),
}
INPUTS = {"raw": ("raw pixels", "no normalizer"), "std": ("standardized inputs", "no normalizer")}


def words_of(trial: Trial) -> tuple[str, ...]:
    """What the text of a claim may call a net."""
    if not isinstance(trial.net, Net):
        return ("BN",) if trial.net == "bn" else (trial.net,)
    return NORMALIZERS.get(trial.net.normalizer, INPUTS.get(trial.inputs, ()))


def place_in(claim: Claim, trials: list[Trial]) -> int | None:
    """Where the text of a claim speaks of an arm; None where it has no word for it, or several."""
    text = claim.arms.replace("without BN", "")
    words = {words_of(trial) for trial in trials}
    found = [text.find(word) for word in next(iter(words), ())]
    return min((place for place in found if place >= 0), default=None) if len(words) == 1 else None


def test_the_text_of_a_claim_names_the_arm_with_more_first() -> None:
    checked = set()
    for claim in CLAIMS.values():
        trials = {runs.trial.name: runs.trial for runs in STUDY_OF[claim.id].runs}
        for case in cases(claim.id):
            arms = [case.direction.favoured, case.direction.other]
            if claim.kind in {"exact", "fit"} or not arms[1]:
                continue
            first, second = arms if arms[0][0].more else arms[::-1]
            places = [
                place_in(claim, [t for r in arm if isinstance(t := trials[r.trial], Trial)])
                for arm in (first, second)
            ]
            if None not in places and places[0] != places[1]:
                assert places == sorted(places), claim.id  # type: ignore[type-var]
                checked.add(claim.id)
    # The others compare a net with itself, or speak of its arms in other words.
    assert len(checked) > 70


def test_a_lead_beyond_another_is_better_for_what_raises_the_one_or_lowers_the_other() -> None:
    end = check("end", 1)
    lead = more("bn", "raw", end).beyond(more("ln", "std", end))
    assert [reading.trial for reading in lead.favoured] == ["bn", "std"]
    assert [reading.trial for reading in lead.other] == ["raw", "ln"]
    assert all(reading.more for reading in lead.readings)
