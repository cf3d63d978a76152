"""Make every fault, and say what became of each: `python -m tests.injection [damage] [kills]`."""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator

from tests.injection import targets
from tests.injection.campaign import Tally, campaign
from tests.injection.targets import Target

# Each file is damaged in every way, once for each of these.
SEEDS = range(1)


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
        tally.join(campaign([target], SEEDS))
        seconds, count = time.perf_counter() - began, sum(tally.counts.values())
        say(f"{count:6} cases, {seconds:5.0f} s: {target.name}")
    for line in table(tally):
        say(line)
    for fault in tally.faults:
        say(f"{fault.fate}: {fault.case}: {fault.said} ({fault.seconds:.1f} s)")
    if slowest := tally.slowest:
        say(f"The slowest took {slowest.seconds:.1f} s: {slowest.case}")
    return len(tally.faults)


def main() -> None:
    """Make the faults that are named, or all."""
    wanted = set(sys.argv[1:]) or {"damage"}
    failed = 0
    if "damage" in wanted:
        failed += damage(every_file())
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
