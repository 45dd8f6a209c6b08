"""Metrics made of log lines, so that each fact is written once.

In Google Cloud terraform/monitoring.tf counts the same lines. Anywhere else this table counts them, and they
are sent by OTLP. A test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

# Doubling: from 10 ms to an hour and a half; from 256 MiB to 256 GiB; from one picture on.
SECONDS = tuple(0.01 * 2**n for n in range(20))
BYTES = tuple(float(2**n) for n in range(28, 39))
PICTURES = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0)

COLD_START_PARTS = {
    "process": "The interpreter and its first imports",
    "settings": "Configuration and secrets",
    "imports": "The engine's process and its libraries",
    "download": "Waiting for the models' files",
    "load": "Weights to the device",
    "compile": "What was compiled before, from its bucket",
    "warm_up": "The first pass of each model",
    "connect": "From the models' readiness to the first job",
}


@dataclass(frozen=True)
class Instrument:
    """The metric of an event's lines: a count of them, or a distribution of one of their fields."""

    events: tuple[str, ...]
    name: str
    about: str
    labels: tuple[str, ...] = ()
    field: str | None = None  # None: a count
    unit: str = "1"
    scale: float = 1.0  # from the field's unit to the instrument's
    bounds: tuple[float, ...] = SECONDS


def _counter(events: str, name: str, about: str, *labels: str) -> Instrument:
    return Instrument(tuple(events.split()), name, about, labels)


def _duration(event: str, field: str, name: str, about: str, *labels: str, scale: float = 1.0) -> Instrument:
    return Instrument((event,), name, about, labels, field, "s", scale)


INSTRUMENTS = (
    _counter("job.admitted", "plantain.jobs.admitted", "Jobs that the API took in", "task"),
    _counter("job.ended", "plantain.jobs.ended", "Jobs by the state that they ended in", "state", "task"),
    _counter("job.judged", "plantain.jobs.judged", "Jobs by whether their deadline was kept", "deadline"),
    _counter(
        "job.stopped", "plantain.attempts.stopped", "Attempts that did not get through", "code", "stage"
    ),
    _counter("dead_letter.job_failed", "plantain.jobs.lost", "Jobs whose every attempt was lost"),
    _counter("set_aside message.set_aside", "plantain.set_aside", "What cannot be understood"),
    _counter(
        "sweep.set_aside_waits",
        "plantain.set_aside.waits",
        "Sweeps that found documents waiting for a person",
    ),
    _counter("sweep.done", "plantain.sweeps", "Sweeps that came to their end"),
    _counter("webhook.attempted", "plantain.webhook.attempts", "Webhook calls", "state"),
    _counter("sweep.failed", "plantain.sweep.errors", "Open jobs that sweep could not drive on", "code"),
    _counter(
        "worker.cannot_start engine.cannot_start marking.cannot_start",
        "plantain.no_start",
        "Workers and their processes that do not start",
    ),
    _counter(
        "job.unforeseen engine.unforeseen marking.unforeseen lane.unforeseen api.internal_error",
        "plantain.unforeseen",
        "Failures that no code foresaw",
    ),
    _duration("stage.done", "seconds", "plantain.stage.duration", "How long each stage takes", "stage"),
    _duration("job.ended", "queue_seconds", "plantain.queue.duration", "How long jobs wait", "state"),
    _duration("job.judged", "start_seconds", "plantain.start.duration", "Until a job begins", "priority"),
    _duration("job.ended", "seconds", "plantain.job.duration", "From the request to the manifest", "state"),
    _duration(
        "worker.ready", "cold_start_ms", "plantain.cold_start", "Until the models are warm", scale=1e-3
    ),
    *(
        _duration("worker.ready", f"{part}_ms", f"plantain.cold_start.{part}", about, scale=1e-3)
        for part, about in COLD_START_PARTS.items()
    ),
    Instrument(
        ("engine.done",),
        "plantain.engine.batch",
        "Pictures that one pass of the engine draws",
        ("model",),
        "pictures",
        "{picture}",
        bounds=PICTURES,
    ),
    Instrument(
        ("engine.done",),
        "plantain.engine.memory",
        "The most that a pass took of the GPU's memory",
        ("model",),
        "memory_bytes",
        "By",
        bounds=BYTES,
    ),
)

RecordValue = Callable[[float, Mapping[str, str]], None]


class LogMetrics:
    """Listens to the log (``add_log_listener``) and counts."""

    def __init__(self, meter: Meter) -> None:
        self._by_event: dict[str, list[tuple[Instrument, RecordValue]]] = {}
        for instrument in INSTRUMENTS:
            record = _recorder(meter, instrument)
            for event in instrument.events:
                self._by_event.setdefault(event, []).append((instrument, record))

    def hear(self, event: str, facts: Mapping[str, object]) -> None:
        for instrument, record in self._by_event.get(event, ()):
            value = _measured_value(instrument, facts)
            if value is not None:
                record(value, {label: str(facts.get(label)) for label in instrument.labels})


def _recorder(meter: Meter, made: Instrument) -> RecordValue:
    if made.field is None:
        return meter.create_counter(made.name, made.unit, made.about).add
    return meter.create_histogram(
        made.name, made.unit, made.about, explicit_bucket_boundaries_advisory=list(made.bounds)
    ).record


def _measured_value(instrument: Instrument, facts: Mapping[str, object]) -> float | None:
    if instrument.field is None:
        return 1
    value = facts.get(instrument.field)
    return value * instrument.scale if isinstance(value, int | float) else None
