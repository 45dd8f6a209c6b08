"""What the services of the stack import, loaded once in the process that they are forked from.

``multiprocessing``'s fork server imports this module before the first service is started. Here are imports
that several services share, and nothing that opens a connection or starts a thread: neither survives a fork.
The services' own modules stay out, because each runs as its process's main program.
"""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import import_module
from importlib.resources import files

from functions.contract.paused_collection import paused_collection
from local.light_imports import leave_out_unused_parts

SHARED = (
    "google.cloud.pubsub_v1",
    "google.cloud.storage",
    "httpx",
    "functions.services",
    "local.topology",
    "gunicorn.app.base",
    "gunicorn.arbiter",
    "gunicorn.workers.gthread",
)


def load_shared_imports() -> None:
    """Imports what several services need, and the functions' source as functions-framework loads it."""
    from functions_framework import create_app

    from local.stack.environment import DEFAULTS

    os.environ.update({**DEFAULTS, **os.environ})  # some libraries read variables when they are imported
    for module in SHARED:
        import_module(module)
    create_app(target="api", source=str(files("functions") / "main.py"))


leave_out_unused_parts()
# Frozen, the objects are not searched in the services either: to search them copies the pages that all share.
with paused_collection(), suppress(ImportError):  # the service that needs what is missing says so
    load_shared_imports()
