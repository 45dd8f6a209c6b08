"""What a job's pictures take is counted before they are fetched, by what becomes of each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.contract.document import now
from functions.contract.job import JobRecord
from functions.contract.request import JobRequest
from worker.engines.free_memory import available_bytes
from worker.job_io.memory_estimate import (
    REFERENCE_PIXELS,
    estimate_bytes,
    estimate_job_bytes,
    input_pixel_limit,
)
from worker.runtime.memory_budgets import build_memory_budgets

BYTES_PER_PIXEL = 12


def record(task: str, pixels: tuple[int, int] = (1024, 1024), images: int = 1, **fields: Any) -> JobRecord:
    named = [{"uri": f"gs://bucket/{n}"} for n in range(images)]
    prompt = {"prompt": fields.pop("prompt", "a boat")} if task in ("generate", "edit") else {}
    request = JobRequest.model_validate({"task": task, "images": named, **prompt, **fields})
    at = now()
    return JobRecord(
        id="0" * 32,
        owner="me",
        request=request,
        request_sha256="0" * 64,
        model="mock",
        width=pixels[0],
        height=pixels[1],
        seed=1,
        created=at,
        updated=at,
        deadline=at + timedelta(hours=1),
    )


def test_an_estimate_grows_with_pixels_and_pictures() -> None:
    assert estimate_bytes(512, 512, 1) < estimate_bytes(512, 512, 4) < estimate_bytes(4096, 4096, 4)
    assert available_bytes() > 0


def test_quoted_words_count_the_networks_that_read_them() -> None:
    plain, quoted = (record("generate", images=0, prompt=prompt) for prompt in ("a sign", "a sign 'OPEN'"))
    assert estimate_job_bytes(quoted) - estimate_job_bytes(plain) == 300 << 20


def test_every_reference_counts_at_what_it_is_shrunk_to() -> None:
    alone, four = record("generate", images=0), record("generate", images=4)
    assert estimate_job_bytes(four) - estimate_job_bytes(alone) == 4 * 2 * BYTES_PER_PIXEL * REFERENCE_PIXELS


def test_a_picture_that_is_needed_whole_counts_whole() -> None:
    assert estimate_job_bytes(record("verify", pixels=(8000, 8000))) >= 2 * BYTES_PER_PIXEL * 64_000_000


@pytest.mark.parametrize(
    ("task", "fields", "most"),
    [
        ("edit", {}, [REFERENCE_PIXELS, REFERENCE_PIXELS]),
        ("generate", {}, [REFERENCE_PIXELS, REFERENCE_PIXELS]),
        ("sequence", {"prompts": ["a", "b"]}, [REFERENCE_PIXELS, REFERENCE_PIXELS]),
    ],
)
def test_what_an_engine_only_looks_at_is_shrunk(task: str, fields: dict[str, Any], most: list[int]) -> None:
    asked = record(task, images=2, **fields)
    assert [input_pixel_limit(asked, n) for n in range(2)] == most


def test_a_picture_that_is_changed_is_not_shrunk_below_the_result() -> None:
    assert input_pixel_limit(record("edit", pixels=(4096, 4096)), 0) == 4096 * 4096
    assert input_pixel_limit(record("upscale", pixels=(4096, 4096), size="4K"), 0) is None


def test_a_job_of_the_largest_size_fits_the_smallest_worker() -> None:
    """8 GiB without a GPU, of which the models leave six."""
    jobs, decoders = build_memory_budgets(int(6 * 2**30 * 0.7))
    assert estimate_job_bytes(record("edit", pixels=(4096, 4096))) < jobs.total
    assert estimate_job_bytes(record("verify", pixels=(8000, 8000))) < jobs.total
    assert decoders.total > 17 * 64_000_000  # WebP, which takes the most of the common formats


def test_the_most_pictures_fit_the_smallest_worker_at_2k_and_a_larger_one_at_4k() -> None:
    """Ten pictures beside sixteen references; 4K of them need the memory that a worker with a GPU has."""
    smallest, _ = build_memory_budgets(int(6 * 2**30 * 0.7))
    larger, _ = build_memory_budgets(int(30 * 2**30 * 0.7))
    most = {"images": 16, "count": 10}
    assert estimate_job_bytes(record("generate", pixels=(2048, 2048), **most)) < smallest.total
    four_k = estimate_job_bytes(record("generate", pixels=(4096, 4096), **most))
    assert smallest.total < four_k < larger.total
    assert estimate_job_bytes(record("generate", pixels=(4096, 4096), images=0, count=5)) < smallest.total


def test_the_budgets_together_are_what_there_is() -> None:
    jobs, decoders = build_memory_budgets(1 << 30)
    assert jobs.total + decoders.total == 1 << 30
