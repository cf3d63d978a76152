"""Make every fault, and say what became of each: `python -m tests.injection [CAMPAIGN ...]`.

`--few` makes a few kills of each kind, as the tests do.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from bnreport.records.code import executed
from tests.injection import kills, targets
from tests.injection.campaign import Tally, campaign
from tests.injection.downloads import downloads
from tests.injection.hardships import hardships
from tests.injection.targets import Target

# Each file is damaged in every way, once for each of these.
SEEDS = range(1)
# How many calls of run, verify and build are killed, of all and of a few.
KILLED = {False: (128, 48, 24), True: (4, 2, 0)}
# By what kills are counted.
SORTS: Mapping[str, Callable[[kills.Kill], str]] = {
    "call": lambda kill: kill.verb,
    "signal": lambda kill: kill.signal.name,
    "target": lambda kill: kill.victim,
}


def every_file() -> Iterator[Target]:
    """The records and the verification of every edition, and all other files."""
    for name in targets.editions():
        yield targets.records(name)
        if targets.LAYOUT.verified(name).exists():
            yield targets.verification(name)
    yield from targets.others()


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201 - this is what the program is for


def table(tally: Tally) -> Iterator[str]:
    """The counts by kind of file and by fate, and what nobody refuses, by kind of damage."""
    fates = ("refused", "harmless", "as written", "traceback", "nameless", "wrong")
    kinds = sorted({(kind, forged) for kind, forged, _ in tally.counts})
    yield f"{'':42}" + "".join(f"{fate:>12}" for fate in fates)
    for kind, forged in kinds:
        name = f"{kind}, {'forged' if forged else 'damaged'}"
        yield f"{name:42}" + "".join(f"{tally.counts[kind, forged, f]:>12}" for f in fates)
    totals = Counter[tuple[bool, str]]()
    for (_, forged, fate), count in tally.counts.items():
        totals[forged, fate] += count
    for forged in (False, True):
        name = f"all, {'forged' if forged else 'damaged'}"
        yield f"{name:42}" + "".join(f"{totals[forged, fate]:>12}" for fate in fates)
    yield "As written, for no digest sees it:"
    by_file: dict[tuple[str, bool], list[str]] = {}
    for (kind, forged, damage), count in sorted(tally.written.items()):
        by_file.setdefault((kind, forged), []).append(f"{damage} {count}")
    for (kind, forged), damages in by_file.items():
        yield f"  {kind}, {'forged' if forged else 'damaged'}: {'; '.join(damages)}"


def damage(found: Iterable[Target]) -> int:
    """Damage the files, and return how many cases ended as they must not."""
    began, tally = time.perf_counter(), Tally()
    for target in found:
        part = campaign([target], SEEDS)
        for fault in part.faults:
            say(f"{fault.fate}: {fault.case}: {fault.said} ({fault.seconds:.1f} s)")
        tally.join(part)
        seconds, count = time.perf_counter() - began, sum(tally.counts.values())
        say(f"{count:6} cases, {seconds:5.0f} s: {target.name}")
    for line in table(tally):
        say(line)
    if slowest := tally.slowest:
        say(f"The slowest took {slowest.seconds:.1f} s: {slowest.case}")
    return len(tally.faults)


def counted(toll: kills.Toll, wanted: int) -> Iterator[str]:
    """How many kills there were, by call, signal and target, and how the calls ended."""
    for kill, count in sorted(toll.kills.items(), key=str):
        codes = sorted((str(code), n) for (each, code), n in toll.codes.items() if each == kill)
        ends = ", ".join(f"{number} ended with {code}" for code, number in codes)
        yield f"{kill!s:26} {count:4}: {ends}"
    for name, count in sorted(toll.hardships.items()):
        yield f"{name:26} {count:4}"
    yield f"Calls left in peace after them, which ended well: {dict(toll.completed)}"
    for what, of in SORTS.items():
        sums = Counter[str]()
        for kill, count in toll.kills.items():
            sums[of(kill)] += count
        yield f"Kills by {what}: {', '.join(f'{name} {n}' for name, n in sorted(sums.items()))}"
    yield (
        f"{toll.kills.total()} of {wanted} kills counted; {toll.late.total()} signals came when "
        "nobody was left, do not count and were sent again"
    )


def killed(few: bool) -> int:
    """Kill calls, and return how many faults that showed."""
    # A call is a fork of this process: what is read here need not be read by each of them.
    executed.today()
    began, toll = time.perf_counter(), kills.Toll()
    for strike, count in zip(
        (kills.runs, kills.verifications, kills.builds), KILLED[few], strict=True
    ):
        if count:
            part = strike(count, 0)
            toll.add(part)
            done, seconds = toll.kills.total(), time.perf_counter() - began
            say(f"{done:6} kills, {seconds:5.0f} s, {len(toll.faults)} faults")
            for fault in part.faults:
                say(f"FAULT: {fault}")
    toll.add(last := hardships())
    for line in counted(toll, sum(KILLED[few])):
        say(line)
    for fault in last.faults:
        say(f"FAULT: {fault}")
    return len(toll.faults)


# What can be asked for, and what each campaign does.
CAMPAIGNS = {
    "damage": "records, verifications, data, texts and the notebook: refused by name, or harmless",
    "downloads": "the published data, which the two programs that check them tell in sentences",
    "kills": "run, verify and build at random moments: no record is lost, the next call finishes",
}


def main(words: Sequence[str] | None = None) -> int:
    """Make the faults that are named, or all, and return 1 where any ended as it must not."""
    given = sys.argv[1:] if words is None else words
    if unknown := sorted({*given} - {*CAMPAIGNS, "--few"}):
        lines = "".join(f"  {name:10} {what}\n" for name, what in CAMPAIGNS.items())
        sys.stderr.write(
            f"Expected campaigns, or none for all of them. Received: {', '.join(unknown)}. Name "
            f"some of these; --few makes a few kills of each kind.\n{lines}"
        )
        return 2
    wanted = {*given} - {"--few"} or {*CAMPAIGNS}
    failed = damage(every_file()) if "damage" in wanted else 0
    failed += damage(downloads()) if "downloads" in wanted else 0
    if "kills" in wanted:
        failed += killed("--few" in given)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
