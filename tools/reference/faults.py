"""The faults that `plantain up --fault` switches on, from the docstrings of what they are."""

from __future__ import annotations

import inspect
import re

from local.http_servers.request_faults import RequestFaults
from local.pubsub.faults import PubSubFaults
from local.storage.faults import StorageFaults
from local.vertex_emulator.faults import VertexFaults
from tools.reference.markdown import code_span, markdown_table

SERVERS: dict[str, type[RequestFaults]] = {
    "storage": StorageFaults,
    "pubsub": PubSubFaults,
    "vertex": VertexFaults,
}
_LINE = re.compile(r"^    (\w+): (.*(?:\n        .*)*)", re.MULTILINE)


def fault_table() -> str:
    rows = [
        [code_span(f"{server}.{name}"), "0 to 1" if name in faults.SHARES else "seconds", meaning]
        for server, faults in SERVERS.items()
        for name, meaning in _described_faults(faults)
    ]
    return markdown_table(["fault", "value", "what it does"], rows)


def _described_faults(faults: type[RequestFaults]) -> list[tuple[str, str]]:
    return _LINE.findall(inspect.getdoc(faults) or "")
