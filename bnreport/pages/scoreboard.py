"""Sum verdicts up: by study, by word, over all tests of the site, and those that were corrected."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from bnreport.analysis.display import CORRECTED, MARKS, Judgement
from bnreport.analysis.foreknowledge import KNOWN
from bnreport.analysis.report import Report
from bnreport.analysis.study import CHAPTERS
from bnreport.analysis.verdicts import ALPHA
from bnreport.pages.data.links import claim_page
from bnreport.pages.fragments import fragment
from bnreport.protocol.claims import Claim
from bnreport.statistics.significance import discovery_rates, holm


def corrections(report: Report, prefix: str) -> Markup:
    """Every claim whose word was corrected: what was shown, what is shown now, and why.

    Args:
        report: what the site says.
        prefix: the way from the page up to the root of the site.
    """
    rows = [
        {
            "statement": study.shown(name).statement,
            "link": prefix + claim_page(study, name),
            "shown": study.shown(name),
        }
        for study in report.editions()
        for name in study.verdicts
        if study.shown(name).published
    ]
    return fragment("corrections.html.j2", rows=rows, date=CORRECTED)


def _html(page: str) -> str:
    return page.removesuffix(".md") + ".html"


def overview(report: Report, prefix: str) -> Markup:
    """Every study with its question and the marks of its verdicts, by chapter.

    The marks are one link to the board, which says what each of them judges. A hint for each would
    say so too, and cost a phone more than half a second before it answers: Material watches every
    element with a title.
    """
    chapters = {
        chapter: [s for s in report.studies.values() if s.study.chapter == chapter]
        for chapter in CHAPTERS
    }
    chapters = {chapter: studies for chapter, studies in chapters.items() if studies}
    marks = {
        study.study.name: [s.shown(name) for s in study.editions for name in s.verdicts]
        for study in report.studies.values()
    }
    return fragment(
        "overview.html.j2",
        chapters=chapters,
        marks=marks,
        counts={name: _counts(shown) for name, shown in marks.items()},
        prefix=prefix,
        html=_html,
    )


def _counts(shown: Sequence[Judgement]) -> str:
    """The number of claims of each word, the most frequent first: "3 supported, 1 mixed"."""
    words = Counter(judgement.word for judgement in shown)
    return ", ".join(f"{count} {word}" for word, count in words.most_common())


def multiplicity(report: Report) -> dict[str, int]:
    """The number of supported claims that stay so if all tests of the site are one family.

    "tests" counts the differences and equivalences, "supported" those that their study supports,
    "holm" and "discoveries" those that stay below .05 after Holm, and after Benjamini and Hochberg
    (1995, J. R. Statist. Soc. B 57), over all of them.
    """
    tested = [v for _, v in report.verdicts() if v.findings and v.p is not None]
    pairs = [(v, p_alone) for v in tested if (p_alone := v.findings[v.setting].p) is not None]
    judged, p = [each for each, _ in pairs], [p_alone for _, p_alone in pairs]
    supported = np.array([verdict.word == "supported" for verdict in judged], bool)
    return {
        "tests": len(judged),
        "supported": int(supported.sum()),
        "holm": int((supported & (np.array(holm(p)) < ALPHA)).sum()),
        "discoveries": int((supported & (np.array(discovery_rates(p)) < ALPHA)).sum()),
    }


def tallies(verdicts: Sequence[tuple[Claim, Judgement]]) -> dict[str, dict[str, int]]:
    """Count those of the first edition, and those since; see `tally`."""
    since = [claim.decided == "interval" for claim, _ in verdicts]
    return {
        name: tally([each for each, later in zip(verdicts, since, strict=True) if later is wanted])
        for name, wanted in (("since", True), ("first", False))
    }


def tally(verdicts: Sequence[tuple[Claim, Judgement]]) -> dict[str, int]:
    """Count the verdicts of each word shown, and those that differ from what was expected.

    "claims" and the words count statistical claims; "identities" are counted apart. Of the
    "surprises" those that the runs leave open are "surprises_undecided"; "by_interval" are those
    that one interval decides, which no claim of a first edition is. Of these "new" and "in_part"
    were written knowing nothing, and part, of the answer, and "piloted" had all their nets in a
    pilot; "in_part_surprises" are those known in part that came out differently.
    """
    statistical = [judgement for claim, judgement in verdicts if claim.kind != "exact"]
    counts = {word.replace(" ", "_"): 0 for word in MARKS}
    for judgement in statistical:
        counts[judgement.word.replace(" ", "_")] += 1
    surprises = [judgement for judgement in statistical if not judgement.as_expected]
    known = Counter(judgement.known for _, judgement in verdicts)
    return counts | {
        "claims": len(statistical),
        "identities": len(verdicts) - len(statistical),
        "by_interval": sum(claim.decided == "interval" for claim, _ in verdicts),
        "new": known["new"],
        "in_part": known[KNOWN["some"]],
        "piloted": known[KNOWN["all"]],
        "in_part_surprises": sum(each.known == KNOWN["some"] for each in surprises),
        "surprises": len(surprises),
        "surprises_undecided": sum(judgement.word == "undecided" for judgement in surprises),
    }
