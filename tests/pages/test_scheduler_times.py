"""What the scheduler costs is measured on made-up runs, and told as it was measured."""

from pathlib import Path

import pytest

from bnreport.commands import scheduler_benchmark
from bnreport.errors import RecordError
from bnreport.pages.scheduler_times import FILE, SchedulerTimes, read_scheduler_times
from bnreport.studies import all_studies
from tests import fabricated

TIMES = SchedulerTimes(
    machine="a made-up processor",
    date="2026-01-02",
    commit="0123456",
    runs=100_000,
    workers=1_000,
    record=0.004,
    first=0.005,
    last=0.0035,
    closing=12.0,
    size=1_800.0,
    memory=2_000_000_000,
    lasting=20.0,
    whole=2_005.0,
    trained=2_000.0,
    busy=0.2,
    queue=37,
    wait=0.15,
)


def test_numbers_have_the_units_of_prose_and_the_shortest_run_follows_from_the_cost() -> None:
    assert TIMES.words()["record"] == "4.0 ms"
    assert TIMES.words()["busy"] == "20%"
    assert TIMES.words()["later"] == "17.0\u00a0s"
    assert TIMES.shortest == 4.0
    assert TIMES.keeps_up
    assert not TIMES.seems_idle
    late = TIMES.model_copy(update={"lasting": 3.9})
    assert not late.keeps_up
    assert late.seems_idle
    assert not late.model_copy(update={"busy": 0.95}).seems_idle
    rows = {row[0]: row[1] for row in TIMES.table().rows}
    assert rows["one of the last tenth"] == "3.50 ms"
    assert rows["simulated: finished runs that wait, at most"] == "37"


def test_what_was_measured_is_read_and_a_damaged_file_is_refused(tmp_path: Path) -> None:
    assert read_scheduler_times(tmp_path) is None
    path = tmp_path / FILE
    path.write_text(TIMES.model_dump_json(), encoding="utf-8")
    assert read_scheduler_times(tmp_path) == TIMES
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(RecordError, match=r"scheduler\.json.*bench scheduler"):
        read_scheduler_times(tmp_path)


@pytest.mark.slow
def test_every_made_up_run_is_handed_out_written_and_counted() -> None:
    known = [*fabricated.records(all_studies()[scheduler_benchmark.STUDY]).values()]
    times = scheduler_benchmark.measure(known, [10.0, 30.0], runs=300, workers=20)
    assert (times.runs, times.workers) == (300, 20)
    assert 0 < times.record < 1
    assert 10 < times.lasting < 30
    # Fifteen rounds of twenty; the writer adds a little at the end.
    assert 150 < times.trained < times.whole < times.trained + 300 * times.record
    assert times.size > 500
