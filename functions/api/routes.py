"""Which handler answers what."""

from __future__ import annotations

from werkzeug.routing import Map, Rule

from .api_call import Handler
from .own import batches, deliveries, jobs, results, uploads, webhook_secret

HEALTH, READY = "health", "ready"
HANDLERS: dict[str, Handler] = {
    "jobs.create": jobs.create,
    "jobs.index": jobs.index,
    "jobs.show": jobs.show,
    "jobs.cancel": jobs.cancel,
    "jobs.delete": jobs.delete,
    "results.image": results.image,
    "results.manifest": results.manifest,
    "results.verification": results.verification,
    "batches.create": batches.create,
    "batches.index": batches.index,
    "batches.show": batches.show,
    "batches.items": batches.items,
    "batches.manifest": batches.manifest,
    "batches.cancel": batches.cancel,
    "batches.delete": batches.delete,
    "deliveries.index": deliveries.index,
    "deliveries.replay": deliveries.replay,
    "uploads.create": uploads.create,
    "webhook_secret.show": webhook_secret.show,
}
ROUTES = Map(
    [
        Rule("/healthz", endpoint=HEALTH, methods=["GET"]),
        Rule("/readyz", endpoint=READY, methods=["GET"]),
        Rule("/v1/jobs", endpoint="jobs.create", methods=["POST"]),
        Rule("/v1/jobs", endpoint="jobs.index", methods=["GET"]),
        Rule("/v1/jobs/<job_id>", endpoint="jobs.show", methods=["GET"]),
        Rule("/v1/jobs/<job_id>", endpoint="jobs.delete", methods=["DELETE"]),
        Rule("/v1/jobs/<job_id>/cancel", endpoint="jobs.cancel", methods=["POST"]),
        Rule("/v1/jobs/<job_id>/images/<int(max=99):n>", endpoint="results.image", methods=["GET"]),
        Rule("/v1/jobs/<job_id>/manifest", endpoint="results.manifest", methods=["GET"]),
        Rule("/v1/jobs/<job_id>/verification", endpoint="results.verification", methods=["GET"]),
        Rule("/v1/jobs/<job_id>/deliveries", endpoint="deliveries.index", methods=["GET"]),
        Rule("/v1/jobs/<job_id>/deliveries/replay", endpoint="deliveries.replay", methods=["POST"]),
        Rule("/v1/batches", endpoint="batches.create", methods=["POST"]),
        Rule("/v1/batches", endpoint="batches.index", methods=["GET"]),
        Rule("/v1/batches/<batch_id>", endpoint="batches.show", methods=["GET"]),
        Rule("/v1/batches/<batch_id>", endpoint="batches.delete", methods=["DELETE"]),
        Rule("/v1/batches/<batch_id>/items", endpoint="batches.items", methods=["GET"]),
        Rule("/v1/batches/<batch_id>/manifest", endpoint="batches.manifest", methods=["GET"]),
        Rule("/v1/batches/<batch_id>/cancel", endpoint="batches.cancel", methods=["POST"]),
        Rule("/v1/uploads", endpoint="uploads.create", methods=["POST"]),
        Rule("/v1/webhook-secret", endpoint="webhook_secret.show", methods=["GET"]),
    ],
    strict_slashes=False,
    merge_slashes=False,
    redirect_defaults=False,
)
