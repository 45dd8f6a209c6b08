"""The routes of Plantain's own API, and the handler of each."""

from __future__ import annotations

from ..api_call import Handler
from ..matched_rule import MatchedRule
from . import (
    batches,
    capabilities,
    deliveries,
    events,
    jobs,
    overview,
    previews,
    results,
    uploads,
    webhook_secret,
)

HANDLERS: dict[str, Handler] = {
    "jobs.create": jobs.create_job,
    "jobs.index": jobs.list_jobs,
    "jobs.show": jobs.show_job,
    "jobs.events": events.stream_events,
    "jobs.cancel": jobs.cancel_owned_job,
    "jobs.delete": jobs.delete_owned_job,
    "results.image": results.show_image,
    "previews.image": previews.preview_image,
    "previews.input": previews.preview_input,
    "results.manifest": results.show_manifest,
    "results.verification": results.show_verification,
    "batches.create": batches.create_batch,
    "batches.index": batches.list_batches,
    "batches.show": batches.show_batch,
    "batches.items": batches.list_items,
    "batches.manifest": batches.show_summary,
    "batches.cancel": batches.cancel_batch,
    "batches.delete": batches.delete_owned_batch,
    "deliveries.index": deliveries.list_deliveries,
    "deliveries.replay": deliveries.replay_deliveries,
    "uploads.create": uploads.create_upload,
    "webhook_secret.show": webhook_secret.show_secrets,
    "capabilities.show": capabilities.show_capabilities,
    "overview.show": overview.show_overview,
    "overview.replay": overview.replay_any_delivery,
}
ROUTES = [
    MatchedRule("/v1/jobs", endpoint="jobs.create", methods=["POST"]),
    MatchedRule("/v1/jobs", endpoint="jobs.index", methods=["GET"]),
    MatchedRule("/v1/jobs/<job_id>", endpoint="jobs.show", methods=["GET"]),
    MatchedRule("/v1/jobs/<job_id>", endpoint="jobs.delete", methods=["DELETE"]),
    MatchedRule("/v1/jobs/<job_id>/events", endpoint="jobs.events", methods=["GET"]),
    MatchedRule("/v1/jobs/<job_id>/cancel", endpoint="jobs.cancel", methods=["POST"]),
    MatchedRule("/v1/jobs/<job_id>/images/<int(max=99):n>", endpoint="results.image", methods=["GET"]),
    MatchedRule(
        "/v1/jobs/<job_id>/images/<int(max=99):n>/preview", endpoint="previews.image", methods=["GET"]
    ),
    MatchedRule(
        "/v1/jobs/<job_id>/inputs/<int(max=99):n>/preview", endpoint="previews.input", methods=["GET"]
    ),
    MatchedRule("/v1/jobs/<job_id>/manifest", endpoint="results.manifest", methods=["GET"]),
    MatchedRule("/v1/jobs/<job_id>/verification", endpoint="results.verification", methods=["GET"]),
    MatchedRule("/v1/jobs/<job_id>/deliveries", endpoint="deliveries.index", methods=["GET"]),
    MatchedRule("/v1/jobs/<job_id>/deliveries/replay", endpoint="deliveries.replay", methods=["POST"]),
    MatchedRule("/v1/batches", endpoint="batches.create", methods=["POST"]),
    MatchedRule("/v1/batches", endpoint="batches.index", methods=["GET"]),
    MatchedRule("/v1/batches/<batch_id>", endpoint="batches.show", methods=["GET"]),
    MatchedRule("/v1/batches/<batch_id>", endpoint="batches.delete", methods=["DELETE"]),
    MatchedRule("/v1/batches/<batch_id>/items", endpoint="batches.items", methods=["GET"]),
    MatchedRule("/v1/batches/<batch_id>/manifest", endpoint="batches.manifest", methods=["GET"]),
    MatchedRule("/v1/batches/<batch_id>/cancel", endpoint="batches.cancel", methods=["POST"]),
    MatchedRule("/v1/uploads", endpoint="uploads.create", methods=["POST"]),
    MatchedRule("/v1/capabilities", endpoint="capabilities.show", methods=["GET"]),
    MatchedRule("/v1/overview", endpoint="overview.show", methods=["GET"]),
    MatchedRule("/v1/overview/deliveries/<job_id>/replay", endpoint="overview.replay", methods=["POST"]),
    MatchedRule("/v1/webhook-secret", endpoint="webhook_secret.show", methods=["GET"]),
]
