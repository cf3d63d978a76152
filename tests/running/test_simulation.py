"""A simulated call takes as long as its longest worker, or as its writer where that is slower."""

from bnreport.running.simulation import SimulatedCall, simulate


def test_two_workers_share_three_runs_and_one_record_waits_for_the_other() -> None:
    # Ends at 2 and 3; the third run begins at 2 and ends at 6. A record takes 1.5.
    course = simulate([2.0, 3.0, 4.0], workers=2, cost=1.5)
    # Written from 2 to 3.5, from 3.5 to 5, and from 6 to 7.5.
    assert course == SimulatedCall(whole=7.5, trained=6.0, busy=4.5 / 7.5, queue=2, wait=2.0)


def test_a_writer_that_is_too_slow_is_always_busy_and_its_queue_grows() -> None:
    course = simulate([1.0] * 1000, workers=10, cost=0.2)
    assert course.trained == 100.0
    assert abs(course.whole - (1.0 + 1000 * 0.2)) < 1e-9
    assert course.busy > 0.99
    assert course.queue > 400


def test_a_writer_that_keeps_up_makes_no_run_wait_for_more_than_those_that_end_with_it() -> None:
    course = simulate([1.0] * 1000, workers=10, cost=0.01)
    assert course.queue == 10
    assert abs(course.wait - 0.1) < 1e-9
    assert abs(course.whole - course.trained - 0.1) < 1e-9


def test_a_call_without_runs_is_over_at_once_and_more_workers_than_runs_do_no_harm() -> None:
    assert simulate([], workers=3, cost=1.0) == SimulatedCall(0.0, 0.0, 0.0, 0, 0.0)
    assert simulate([5.0], workers=3, cost=1.0).whole == 6.0
