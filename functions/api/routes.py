"""Which handler answers what."""

from __future__ import annotations

from werkzeug.routing import Map, Rule

from . import deliveries, jobs, results, uploads
from .call import Handler

HEALTH = "health"
HANDLERS: dict[str, Handler] = {
    "jobs.create": jobs.create,
    "jobs.index": jobs.index,
    "jobs.show": jobs.show,
    "jobs.cancel": jobs.cancel,
    "jobs.delete": jobs.delete,
    "results.image": results.image,
    "results.manifest": results.manifest,
    "results.verification": results.verification,
    "deliveries.index": deliveries.index,
    "deliveries.replay": deliveries.replay,
    "uploads.create": uploads.create,
}
ROUTES = Map(
    [
        Rule("/healthz", endpoint=HEALTH, methods=["GET"]),
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
        Rule("/v1/uploads", endpoint="uploads.create", methods=["POST"]),
    ],
    strict_slashes=False,
    merge_slashes=False,
    redirect_defaults=False,
)
