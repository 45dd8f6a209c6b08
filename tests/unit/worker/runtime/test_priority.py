"""Low jobs wait while normal ones wait, and not for ever: shown by the order, not by the time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from worker.runtime.lane_queue import LaneQueue
from worker.runtime.priority import LOW_PRIORITY_SLOTS, MAX_OVERTAKES, FairQueue, LowPrioritySlots


def queue_of(*names: str, overtaken: int = MAX_OVERTAKES) -> FairQueue[str]:
    """A queue with these names in it; those that begin with "l" are low."""
    queue = FairQueue[str](100, lambda name: name.startswith("l"), overtaken)
    for name in names:
        queue.put(name)
    return queue


def take(queue: FairQueue[str]) -> str:
    """The next name, which comes alone."""
    (name,) = queue.get() or [""]
    return name


def order(queue: FairQueue[str], count: int) -> list[str]:
    return [take(queue) for _ in range(count)]


def test_what_is_normal_goes_first_however_late_it_came() -> None:
    assert order(queue_of("l1", "l2", "n1", "n2"), 4) == ["n1", "n2", "l1", "l2"]


def test_without_normal_ones_low_ones_go_in_their_order() -> None:
    assert order(queue_of("l1", "l2", "l3"), 3) == ["l1", "l2", "l3"]


def test_a_low_one_that_was_overtaken_often_enough_has_its_turn() -> None:
    queue = queue_of("l1", "l2", *(f"n{n}" for n in range(7)), overtaken=3)
    assert order(queue, 9) == ["n0", "n1", "n2", "l1", "n3", "n4", "n5", "l2", "n6"]


def test_only_those_that_overtake_are_counted() -> None:
    queue = queue_of("n0", "n1", "n2", overtaken=2)
    assert order(queue, 3) == ["n0", "n1", "n2"]
    for name in ("l1", "n3", "n4", "n5"):
        queue.put(name)
    assert order(queue, 4) == ["n3", "n4", "l1", "n5"]


def test_a_stream_of_normal_ones_does_not_starve_it() -> None:
    queue = queue_of("l1", "n0")
    taken: list[str] = []
    while "l1" not in taken:
        taken.append(take(queue))
        queue.put(f"n{len(taken)}")
    assert len(taken) == MAX_OVERTAKES + 1


def test_normal_ones_wait_for_room_and_low_ones_take_none() -> None:
    queue = FairQueue[str](1, lambda name: name.startswith("l"))
    for name in ("n1", "l1", "l2"):
        queue.put(name)
    late = threading.Thread(target=queue.put, args=("n2",))
    late.start()
    assert take(queue) == "n1"
    late.join()
    assert order(queue, 3) == ["n2", "l1", "l2"]


def test_a_lane_serves_all_of_them_before_it_ends() -> None:
    served: list[str] = []
    lane = LaneQueue("test", served.extend, threads=1, items=queue_of("l1", "n1", "n2"))
    lane.start()
    lane.stop()
    assert served == ["n1", "n2", "l1"]


# Slots. ------------------------------------------------------------------------------------------


@dataclass
class Letter:
    data: bytes = b""
    done: list[str] = field(default_factory=list[str])

    def ack(self) -> None:
        self.done.append("ack")

    def nack(self) -> None:
        self.done.append("nack")


def test_few_are_on_their_way_and_a_slot_is_freed_once() -> None:
    slots = LowPrioritySlots(1)
    first, late = Letter(), Letter()
    placed = slots.acquire(first)
    assert placed is not None
    placed.free_slot()  # its job is being drawn
    second = slots.acquire(Letter())
    assert second is not None
    placed.ack()
    assert first.done == ["ack"]
    waiting = threading.Thread(target=lambda: late.done.append("placed" if slots.acquire(late) else "none"))
    waiting.start()
    assert late.done == []
    second.nack()
    waiting.join()
    assert late.done == ["placed"]


def test_a_message_that_waits_for_a_slot_goes_back_when_the_worker_stops() -> None:
    slots = LowPrioritySlots(0)
    found: list[object] = []
    waiting = threading.Thread(target=lambda: found.append(slots.acquire(Letter())))
    waiting.start()
    slots.close()
    waiting.join()
    assert found == [None]


def test_one_is_ready_while_one_is_drawn() -> None:
    assert LOW_PRIORITY_SLOTS == 2
