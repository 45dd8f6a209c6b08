"""A trace as a tree: every span below the one that it is a part of, in the order in which they began."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from functions.contract.telemetry import JOB
from local.traces.received_spans import ReceivedSpan


@dataclass(frozen=True)
class SpanBranch:
    span: ReceivedSpan
    depth: int
    offset_ms: float  # after the trace's first span began


def spans_of_job(spans: Iterable[ReceivedSpan], job_id: str) -> list[ReceivedSpan]:
    """Returns every span of the traces that the job has spans in; a caller may come back to a job in another
    trace.
    """
    known = list(spans)
    traces = {span.trace for span in known if span.attributes.get(JOB) == job_id}
    return [span for span in known if span.trace in traces]


def list_branches(spans: Iterable[ReceivedSpan]) -> Iterator[SpanBranch]:
    """Yields the spans from the roots down.

    A span whose parent was not received (such as a caller's) is a root.
    """
    known = sorted(spans, key=lambda span: (span.begin, span.end))
    if not known:
        return
    ids = {(span.trace, span.id) for span in known}
    children: dict[tuple[str, str], list[ReceivedSpan]] = {}
    roots: list[ReceivedSpan] = []
    for span in known:
        parent = (span.trace, span.parent)
        (children.setdefault(parent, []) if parent in ids else roots).append(span)

    def below(span: ReceivedSpan, depth: int) -> Iterator[SpanBranch]:
        yield SpanBranch(span, depth, (span.begin - known[0].begin) / 1e6)
        for child in children.get((span.trace, span.id), ()):
            yield from below(child, depth + 1)

    for root in roots:
        yield from below(root, 0)
