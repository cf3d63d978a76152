"""A study as its protocol: each claim beside what judges it and who it predicts to be ahead."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from bnreport.analysis.arms import Arm
from bnreport.analysis.controls import CONTROLS
from bnreport.analysis.study import Study
from bnreport.errors import BnreportError
from bnreport.presentation.plots import Plot
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.protocol.claims import Claim, Display
from bnreport.protocol.directions import Direction, Directions
from bnreport.protocol.rules import rule
from bnreport.protocol.runs import Runs
from bnreport.protocol.trials import AnyTrial
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Contrast, Estimate

Judge: TypeAlias = Callable[[Records], Contrast]
# What a claim is given that is no field of its own: what readers see beside its frozen text.
SHOWN = {
    "called": "label",
    "shown": "statement",
    "withdrawn": "withdrawn",
    "changed": "changed",
    "headline": "headline",
}


@dataclass(frozen=True)
class Judged:
    """A claim, what judges it, who it predicts to be ahead, and what readers see beside it."""

    claim: Claim
    by: Callable[[Records], Estimate]
    ahead: Directions
    display: Display | None = None


@dataclass(frozen=True)
class Form:
    """Makes the claims of a study from what they share: see `claim_form`."""

    study: str
    shared: Mapping[str, Any]

    def __call__(
        self,
        name: str,
        by: Callable[..., Any] | Mapping[str, Judge],
        ahead: Directions | Callable[..., Direction],
        *,
        in_each: Mapping[str, Any] | None = None,
        about: str = "",
        **own: Any,
    ) -> Judged:
        """A claim of the study.

        Args:
            name: what follows the study's name in the claim's id.
            by: what judges it; of a claim on several settings what judges it in each.
            ahead: who its words predict to be ahead, and in which numbers (`directions`). It is
                said from the words and not from what judges: tests hold the one to the other.
            in_each: the settings of a claim on several, and what each of them is: `by` and `ahead`
                are then functions of that.
            about: stands in the place of each "{}" that the claim has no text of its own for.
            own: what the claim has of its own, of all that `claim_form` takes.

        Raises:
            BnreportError: when `by` and `ahead` speak of other settings.
        """
        given = {"kind": "difference", "seeds": "100-111", **self._filled(about, own)}
        if in_each is not None:
            by, ahead = _expanded(by, in_each), _expanded(ahead, in_each)
        if isinstance(by, Mapping):
            given["settings"] = tuple(by)
            _refuse_other_settings(f"{self.study}-{name}", by, ahead)
        lost, interval = given.pop("lost", True), given.pop("interval", "seeds")
        display = {field: given.pop(key) for key, field in SHOWN.items() if key in given}
        if "rule" not in given:
            several, decided = bool(given.get("settings")), given.get("decided", "tests")
            centre = given.get("centre", "mean")
            given["rule"] = rule(given["kind"], lost, several, interval, decided, centre)
        return Judged(
            Claim.model_validate({"id": f"{self.study}-{name}", **given}),
            _judged_in_each(by) if isinstance(by, Mapping) else by,
            cast(Directions, ahead),
            Display(**display) if display else None,
        )

    def against(
        self,
        name: str,
        by: Callable[[Arm], Judge | Mapping[str, Judge]],
        ahead: Callable[[Arm], Directions],
        **own: str | Mapping[str, str],
    ) -> tuple[Judged, ...]:
        """A claim against each net without BN, of those that `controls` names.

        A "{}" in its texts stands for the control; in "label" and "called" it has a short name.

        Args:
            name: what stands in front of the control's name in the claim's id.
            by: what judges the claim against that arm.
            ahead: who it predicts to be ahead, there.
            own: texts that are not shared; those of each claim by the name of its control.
        """
        claims = []
        for arm, short, words in CONTROLS:
            texts = {key: x if isinstance(x, str) else x[arm.name] for key, x in own.items()}
            names = dict.fromkeys(("label", *({"called"} & self.shared.keys())), "{}")
            filled: dict[str, Any] = {
                key: text.replace("{}", short if key in names else words)
                for key, text in {**names, **texts}.items()
            }
            named = f"{name}-{arm.name}"
            claims.append(self(named, by(arm), ahead(arm), about=words, **filled))
        return tuple(claims)

    def _filled(self, about: str, own: Mapping[str, Any]) -> dict[str, Any]:
        """All that the claim says; its own texts stand where the shared ones have a "{}"."""
        around = {key: text for key, text in self.shared.items() if "{}" in str(text)}
        given = {key: value for key, value in self.shared.items() if key not in around}
        inside = (dict.fromkeys(around, about) if about else {}) | dict(own)
        for key, value in inside.items():
            given[key] = around[key].replace("{}", value) if key in around else value
        return given


def claim_form(study: str, **shared: Any) -> Form:
    """A form for the claims of a study, filled in with what they share.

    Args:
        study: the study's name.
        shared: fields of `Claim`; a text with "{}" stands around the claim's own. Beside these
            "lost", whether runs can be lost so that signs judge (by default they can), and
            "interval", what the interval covers (by default "seeds"), which make the `rule`; and
            "called", "shown", "withdrawn", "changed" and "headline", which make the `Display`.
    """
    return Form(study, shared)


def study(
    name: str,
    claims: Sequence[Judged],
    runs: Iterable[Runs | AnyTrial],
    *,
    number: int = 1,
    values: Callable[[Records], Mapping[str, Value]] = lambda _: {},
    tables: Mapping[str, Callable[[Records], Table]] | None = None,
    plots: Mapping[str, Callable[[Records], Plot]] | None = None,
    beside: Callable[[Records], Analysis] = lambda _: Analysis(),
    **more: Any,
) -> Study:
    """A study whose claims bring what judges them.

    Args:
        name: its name, which its page has too.
        claims: as its form makes them.
        runs: its trials; one without seeds of its own trains at those of the claims.
        number: of a later edition, which the first names in `later`, which one it is. It has no
            title, chapter and question of its own.
        values: makes the numbers in the prose of its page.
        tables: makes each table, by the name that the page asks for.
        plots: makes each figure, by that name.
        beside: makes further numbers and tables, where there is what they are made from.
        more: other fields of `Study`: its title, chapter and question, or an `analyse` of its own.
            Its `families` may be claims in place of their ids.
    """

    def analyse(records: Records) -> Analysis:
        further = beside(records)
        return Analysis(
            {**values(records), **further.values},
            {name: table(records) for name, table in (tables or {}).items()} | {**further.tables},
            {name: plot(records) for name, plot in (plots or {}).items()},
        )

    return Study(
        name=name,
        page=f"studies/{name}.md" if number == 1 else "",
        number=number,
        runs=tuple(run if isinstance(run, Runs) else Runs(run) for run in runs),
        claims=tuple(judged.claim for judged in claims),
        estimates={judged.claim.id: judged.by for judged in claims},
        directions={judged.claim.id: judged.ahead for judged in claims},
        display={j.claim.id: j.display for j in claims if j.display is not None},
        families=tuple(tuple(map(_id_of, family)) for family in more.pop("families", ())),
        **{"analyse": analyse, **more},
    )


def _id_of(claim: Judged | str) -> str:
    return claim if isinstance(claim, str) else claim.claim.id


def _expanded(function: Any, in_each: Mapping[str, Any]) -> dict[str, Any]:
    """A function of what each setting is, by the setting."""
    return {
        name: function(*(setting if isinstance(setting, tuple) else (setting,)))
        for name, setting in in_each.items()
    }


def _judged_in_each(judges: Mapping[str, Judge]) -> Callable[[Records], Estimate]:
    return lambda records: {setting: judge(records) for setting, judge in judges.items()}


def _refuse_other_settings(claim: str, by: Mapping[str, Any], ahead: object) -> None:
    settings = tuple(ahead) if isinstance(ahead, Mapping) else ()
    if set(settings) != set(by):
        raise BnreportError(
            f"Expected claim {claim} to say who is ahead in each setting that it is judged in: "
            f"{', '.join(by)}. Received: {', '.join(settings) or 'one direction for all'}. "
            "Give `by` and `ahead` the same settings."
        )
