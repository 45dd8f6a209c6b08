"""The laptop's servers of functions: the API's own, and one for all that is called for events."""

from __future__ import annotations

import os

import pytest

from local.capacity import CONCURRENCY, EVENT_FUNCTIONS
from local.stack.functions_host import FunctionsHost, mount_path


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREADS", "3")


def test_the_api_has_the_threads_that_it_has_in_the_cloud() -> None:
    host = FunctionsHost(0, ["api"])
    assert host.cfg is not None
    assert host.cfg.threads == CONCURRENCY["api"]
    assert os.environ["THREADS"] == str(CONCURRENCY["api"])  # what waiting goes by


def test_the_event_functions_together_have_those_of_each() -> None:
    host = FunctionsHost(0, EVENT_FUNCTIONS)
    assert host.cfg is not None
    assert host.cfg.threads == sum(CONCURRENCY[name] for name in EVENT_FUNCTIONS)


def test_what_the_server_refuses_is_answered_as_in_the_cloud() -> None:
    host = FunctionsHost(0, ["api"])
    assert host.cfg is not None
    assert host.cfg.worker_class.__name__ == "ProblemWorker"


def test_no_event_function_lies_below_the_api() -> None:
    mounts = [mount_path(name) for name in EVENT_FUNCTIONS]
    assert mount_path("api") == "/"
    assert all(mount.startswith("/_functions/") for mount in mounts)
    assert len(set(mounts)) == len(mounts)
