"""Turns between threads: one at a time, first come first served, and nobody waits longer than they said."""

import signal
import threading
import time

import pytest

from vela.turns import Turns


def queue_up(turns: Turns, order: list[int], number: int) -> threading.Thread:
    def wait() -> None:
        with turns.turn(30):
            order.append(number)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_who_came_first_is_first() -> None:
    turns, order = Turns(), list[int]()
    with turns.turn(1):
        threads: list[threading.Thread] = []
        for number in range(20):
            threads.append(queue_up(turns, order, number))
            time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_only_one_has_the_turn() -> None:
    turns, inside, most = Turns(), [0], [0]

    def work() -> None:
        for _round in range(200):
            with turns.turn(30):
                inside[0] += 1
                time.sleep(0)  # let others run, who would come in
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, most) == ([0], [1])


def test_who_would_stand_behind_too_many_is_told_at_once() -> None:
    turns, refused, entered = Turns(), threading.Event(), threading.Event()

    def wait() -> None:
        try:
            with turns.turn(30, behind=0):
                entered.set()
        except TimeoutError:
            refused.set()

    with turns.turn(1):
        both = [threading.Thread(target=wait) for _each in range(2)]
        for each in both:
            each.start()
        assert refused.wait(20)  # sooner than it would have waited
        assert not entered.is_set()
    for each in both:
        each.join(30)
    assert entered.is_set()


def test_who_waits_too_long_is_told_and_keeps_nobody_waiting() -> None:
    turns = Turns()
    with turns.turn(1), pytest.raises(TimeoutError), turns.turn(0.01):
        pytest.fail("two at once")
    with turns.turn(1):
        pass


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


def test_who_is_interrupted_while_waiting_keeps_nobody_waiting() -> None:
    turns, taken, go = Turns(), threading.Event(), threading.Event()

    def hold() -> None:
        with turns.turn(1):
            taken.set()
            go.wait(30)

    def interrupt(_signal: int, _frame: object) -> None:
        raise Interrupted

    main = threading.main_thread()
    assert main.ident is not None
    holder = threading.Thread(target=hold)
    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        holder.start()
        taken.wait(30)
        threading.Timer(0.2, signal.pthread_kill, (main.ident, signal.SIGUSR1)).start()
        with pytest.raises(Interrupted), turns.turn(30):
            pytest.fail("two at once")
    finally:
        signal.signal(signal.SIGUSR1, before)
        go.set()
        holder.join()
    with turns.turn(0.1):
        pass
