"""Parts that die, are started again, and are ended together."""

import threading
from collections.abc import Callable

import pytest

from newsletter.clock import SystemClock
from newsletter.errors import Refused
from newsletter.service.supervisor import Part, Patience, State, Supervisor

QUICK = Patience(first=0.01, longest=0.02, healthy=60.0, most=4)


def until_stopped(stop: threading.Event) -> None:
    stop.wait()


def supervised(*parts: Part, said: list[str] | None = None) -> Supervisor:
    heard: list[str] = [] if said is None else said
    return Supervisor(parts, SystemClock(), heard.append, QUICK)


def wait_for(is_so: Callable[[], bool]) -> None:
    clock = SystemClock()
    deadline = clock.monotonic() + 20
    while not is_so():
        assert clock.monotonic() < deadline
        clock.sleep(0.01)


def test_all_parts_run_until_somebody_ends_them_together() -> None:
    ended = []

    def work(stop: threading.Event) -> None:
        stop.wait()
        ended.append(threading.current_thread().name)

    supervisor = supervised(Part(name="one", run=work), Part(name="two", run=work))
    supervisor.start()
    assert [each.state for each in supervisor.standings()] == [State.RUNNING] * 2
    supervisor.wait(lambda: True)
    supervisor.join()
    assert sorted(ended) == ["one", "two"]
    assert supervisor.lost == ""
    assert {each.state for each in supervisor.standings()} == {State.ENDED}


def test_a_part_that_dies_is_started_again_and_the_others_go_on() -> None:
    lives, said = [], list[str]()

    def frail(stop: threading.Event) -> None:
        lives.append(1)
        if len(lives) < 3:
            raise ZeroDivisionError("words that might name ann@example.org")
        stop.wait()

    supervisor = supervised(
        Part(name="frail", run=frail), Part(name="steady", run=until_stopped), said=said
    )
    supervisor.start()
    wait_for(lambda: len(lives) == 3)
    wait_for(lambda: all(each.is_well for each in supervisor.standings()))
    supervisor.wait(lambda: True)
    supervisor.join()
    assert [line.partition(";")[0] for line in said] == ["frail died (ZeroDivisionError)"] * 2
    assert supervisor.lost == ""


@pytest.mark.parametrize("fault", [Refused("the port is taken"), SystemExit(3), None])
def test_a_part_that_dies_again_and_again_ends_the_program(fault: BaseException | None) -> None:
    def hopeless(_stop: threading.Event) -> None:
        if fault is not None:
            raise fault

    supervisor = supervised(
        Part(name="hopeless", run=hopeless), Part(name="steady", run=until_stopped)
    )
    supervisor.start()
    supervisor.wait(lambda: False)
    supervisor.join()
    assert supervisor.lost == "hopeless"
    hopeless_one, steady = supervisor.standings()
    assert (hopeless_one.deaths, steady.state) == (4, State.ENDED)


def test_a_part_that_runs_and_does_not_do_its_work_is_not_well() -> None:
    supervisor = supervised(Part(name="idle", run=until_stopped, is_well=lambda: False))
    supervisor.start()
    assert [each.is_well for each in supervisor.standings()] == [False]
    supervisor.wait(lambda: True)
    supervisor.join()


def test_it_waits_longer_each_time_but_never_long() -> None:
    usual = Patience()
    assert [usual.wait(deaths) for deaths in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
