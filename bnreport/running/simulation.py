"""Simulate a call on many workers: does its one writer keep up with the runs that finish?"""

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SimulatedCall:
    """A call that was simulated; times in seconds.

    Attributes:
        whole: from the first run handed out to the last record written.
        trained: from the first run handed out to the last run finished.
        busy: the share of the whole in which the writer wrote.
        queue: the most finished runs that waited for the writer, or were in its hands, at once.
        wait: the longest time from the end of a run to its record on disk.
    """

    whole: float
    trained: float
    busy: float
    queue: int
    wait: float


def simulate(lasting: Sequence[float], workers: int, cost: float) -> SimulatedCall:
    """Simulate a call whose workers take run after run, while one process writes.

    A worker takes its next run at once, because all runs lie with the scheduler; what is finished
    waits in a row for the writer, the first first. An event is the end of a run: what differs
    between two calls with the same arguments is nothing.

    Args:
        lasting: how long each run lasts, in the order in which they are handed out.
        workers: how many train at once.
        cost: what one record takes of the writer.
    """
    waiting = deque(lasting)
    ends = [waiting.popleft() for _ in range(min(workers, len(waiting)))]
    heapq.heapify(ends)
    written: deque[float] = deque()
    free = trained = wait = 0.0
    queue = 0
    while ends:
        trained = ends[0]
        if waiting:
            heapq.heapreplace(ends, trained + waiting.popleft())
        else:
            heapq.heappop(ends)
        while written and written[0] <= trained:
            written.popleft()
        free = max(free, trained) + cost
        written.append(free)
        queue, wait = max(queue, len(written)), max(wait, free - trained)
    busy = len(lasting) * cost / free if free else 0.0
    return SimulatedCall(free, trained, busy, queue, wait)
