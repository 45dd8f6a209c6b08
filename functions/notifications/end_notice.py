"""The notice that a job or a batch has ended: one shape for both."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract import ids
from ..contract.batch import AnyEvent, BatchEvent, BatchManifest, BatchWebhook
from ..contract.errors import InvalidRequest
from ..contract.manifest import Manifest
from ..contract.message import JobEvent
from ..contract.request import Webhook
from ..contract.telemetry.log import log
from ..lifecycle.quarantine import read_manifest_or_quarantine
from ..services import Services


@dataclass(frozen=True)
class EndNotice:
    """The end of one job or batch, which ``subject`` names.

    ``webhook`` is the URL to call; None if the caller asked for no call about this event. ``traceparent`` is
    the job's trace; None for a batch.
    """

    subject: str
    owner: str
    event: AnyEvent
    webhook: str | None
    traceparent: str | None = None

    @classmethod
    def of_job(cls, manifest: Manifest, results_bucket: str) -> EndNotice:
        """Returns the notice for a job with this manifest."""
        event, origin = JobEvent.of(manifest, results_bucket), manifest.origin
        url = _wanted_url(origin.request.webhook, event)
        return cls(manifest.job_id, origin.owner, event, url, manifest.traceparent)

    @classmethod
    def of_batch(cls, summary: BatchManifest, results_bucket: str) -> EndNotice:
        """Returns the notice for a batch with this summary."""
        event = BatchEvent.of(summary, results_bucket)
        return cls(summary.batch_id, summary.owner, event, _wanted_url(summary.webhook, event))


def _wanted_url(webhook: Webhook | BatchWebhook | None, event: AnyEvent) -> str | None:
    if webhook is None or (webhook.events is not None and event.type not in webhook.events):
        return None
    return webhook.url


def is_batch(subject: str) -> bool:
    """Returns True for the id of a batch, False for that of a job."""
    return ids.BATCH_ID.match(subject) is not None


def read_end_notice(services: Services, subject: str) -> EndNotice | None:
    """Returns the notice of a job or a batch that has ended.

    Returns None for one that has not ended or was deleted. Returns None as well where the manifest cannot be
    read, and records that. Raises Transient.
    """
    results = services.settings.results_bucket
    if not is_batch(subject):
        manifest = read_manifest_or_quarantine(services, subject)
        return manifest and EndNotice.of_job(manifest, results)
    try:
        summary = services.batch_committer.read_summary(subject)
    except InvalidRequest as error:
        log("delivery.unreadable_summary", "ERROR", batch_id=subject, code=error.code)
        return None
    return summary and EndNotice.of_batch(summary, results)
