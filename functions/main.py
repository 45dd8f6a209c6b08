"""The entry points, registrations only.

functions-framework loads this file as a package named ``main`` whose path is this folder; other programs
import it as ``functions.main``. Relative imports work in both. Each function has the name of a module beside
it, so modules import ``from .sweep import …``: ``from . import sweep`` would find the function here.
"""

from __future__ import annotations

from .contract.paused_collection import paused_collection

with paused_collection():
    import functions_framework
    from cloudevents.http import CloudEvent
    from flask import Request, Response, current_app, jsonify

    from .api.application import answer_request
    from .http_edge.edge import install_edge
    from .http_edge.gunicorn_worker import install_gunicorn_worker
    from .services import process_services
    from .triggers.dead_letter import on_dead_message
    from .triggers.deliver import on_delivery
    from .triggers.dispatch import on_job
    from .triggers.notify import on_result
    from .triggers.remind import on_reminder
    from .triggers.sweep import sweep_once
    from .triggers.uploads import on_upload

if current_app:  # functions-framework's application for the function that is asked for
    install_edge(current_app)
    install_gunicorn_worker()


@functions_framework.http
def api(request: Request) -> Response:
    return answer_request(request, process_services)


@functions_framework.cloud_event
def uploads(event: CloudEvent) -> None:
    on_upload(process_services(), event)


@functions_framework.cloud_event
def dispatch(event: CloudEvent) -> None:
    on_job(process_services(), event)


@functions_framework.cloud_event
def notify(event: CloudEvent) -> None:
    on_result(process_services(), event)


@functions_framework.cloud_event
def deliver(event: CloudEvent) -> None:
    on_delivery(process_services(), event)


@functions_framework.cloud_event
def remind(event: CloudEvent) -> None:
    on_reminder(process_services(), event)


@functions_framework.cloud_event
def dead_letter(event: CloudEvent) -> None:
    on_dead_message(process_services(), event)


@functions_framework.http
def sweep(request: Request) -> Response:
    """Reconciles open jobs. Cloud Scheduler calls it, with a token that Cloud Run has checked."""
    del request
    return jsonify(sweep_once(process_services()).summary())
