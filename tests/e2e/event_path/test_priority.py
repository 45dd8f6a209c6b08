"""Priority on the real stack: what is low waits while what is normal waits, in the order of the drawings."""

from __future__ import annotations

from tests.e2e.event_path.laptop import Laptop

SLOW = {"mock.seconds": "3"}  # long enough for all that is asked for meanwhile to wait


def test_low_priority_is_drawn_after_what_is_normal(laptop: Laptop) -> None:
    first = laptop.post(labels=SLOW)["id"]
    low = [laptop.post(priority="low")["id"] for _ in range(3)]
    normal = [laptop.post(labels={"mock.seconds": "1"})["id"] for _ in range(3)]
    drawn = {job_id: laptop.ended(job_id)["ended"] for job_id in (first, *low, *normal)}
    order = sorted((*low, *normal), key=lambda job_id: drawn[job_id])
    assert set(order[:3]) == set(normal)
    assert set(order[3:]) == set(low)
