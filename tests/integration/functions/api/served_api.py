"""The API of a deployment on a port of its own, for clients that speak HTTP."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

from werkzeug.serving import make_server

from tests.integration.functions.deployment import Deployment

_HOST = "127.0.0.1"


@contextmanager
def serving(deployment: Deployment) -> Generator[str]:
    """Serves the API while the block runs, a thread for each connection; gives its address."""
    server = make_server(_HOST, 0, deployment.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="served-api")
    thread.start()
    try:
        yield f"http://{_HOST}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
