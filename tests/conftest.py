"""What all tests share: a job to talk about, no clock that decides, and nothing of the caller's shell."""

from __future__ import annotations

import gc
import os
import signal
import ssl
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, settings

from functions.contract import ids
from functions.contract.document import now
from functions.contract.job import JobRecord
from functions.contract.request import JobRequest
from functions.contract.telemetry import spans
from tests.recorded import Recorded

# The variables that Plantain and the clients of its tests read. A test that needs one sets it.
FOREIGN_PREFIXES = ("PLANTAIN_", "OTEL_", "GOOGLE_", "CLOUDSDK_", "AIP_")
FOREIGN_ENDINGS = ("_EMULATOR_HOST",)
FOREIGN_NAMES = (
    "PORT",
    "THREADS",
    "FUNCTION_TARGET",
    "K_SERVICE",
    "K_REVISION",
    "COLUMNS",
    "NO_COLOR",
    "FORCE_COLOR",
)
OUR_SWITCHES = "PLANTAIN_TEST_"


def forget_the_shell() -> None:
    """Makes the tests independent of what the shell handed down.

    A shell starts background jobs with SIGINT ignored, and processes inherit that: a test that interrupts one
    would wait for ever. A Python that keeps no compiled files compiles Plantain again in each process.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            default = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, default)
    for name in list(os.environ):
        is_foreign = (
            name.startswith(FOREIGN_PREFIXES) or name.endswith(FOREIGN_ENDINGS) or name in FOREIGN_NAMES
        )
        if is_foreign and not name.startswith(OUR_SWITCHES):
            del os.environ[name]


forget_the_shell()
gc.disable()  # until all is collected: what is imported is no garbage, and to look for it costs seconds

# No wall clock decides a test: a busy machine is not a bug.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# As hypothesis' own profile for CI: the gate asks the same questions each time, so that what it says is about
# the change. At home they are new ones.
settings.register_profile("gate", settings.get_profile("unhurried"), derandomize=True, database=None)
settings.load_profile("gate" if os.environ.get("CI") else "unhurried")


FOLDERS = ("integration", "e2e", "browser")
TESTS = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives each test the mark of its folder."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0] if item.path.is_relative_to(TESTS) else ""
        if folder in FOLDERS:
            item.add_marker(folder)


def pytest_collection_finish() -> None:
    """Keeps what was imported and collected out of garbage collection: it lives to the end."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Is asked where several processes run the tests."""
    from tests.scheduling import ByStack

    return ByStack(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session", autouse=True)
def authorities_read_once() -> Iterator[None]:
    """Makes the default TLS context once in each process.

    httpx reads 140 certificates for each client and each call without one, which takes 20 ms of a core. The
    tests' servers speak plain HTTP, or bring a context of their own.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


class MakeRecord(Protocol):
    def __call__(self, **fields: Any) -> JobRecord: ...


def _make(**fields: Any) -> JobRecord:
    created = fields.get("created") or now()
    return JobRecord.model_validate(
        {
            "id": ids.new_job_id(),
            "owner": "ada",
            "request": JobRequest(task="generate", prompt="a red boat", labels={"team": "sea"}),
            "request_sha256": "0" * 64,
            "model": "mock",
            "width": 512,
            "height": 512,
            "seed": 7,
            "created": created,
            "updated": created,
            "deadline": created + timedelta(hours=1),
            **fields,
        }
    )


@pytest.fixture
def make_record() -> MakeRecord:
    return _make


@pytest.fixture
def record() -> JobRecord:
    return _make()


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """The spans that the test leaves."""
    found = Recorded()
    monkeypatch.setattr(spans, "_TRACER", found.tracer)
    return found
