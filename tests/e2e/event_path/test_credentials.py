"""What arrives says how it was made: through the whole stack, and through two jobs."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from tests.e2e.event_path.laptop import Laptop
from worker.credentials.credentials_reader import read_credentials


def picture(laptop: Laptop, **request: Any) -> tuple[bytes, Any]:
    """The file of a job's one picture, and what the job's manifest says of it."""
    job = laptop.ended(laptop.post(**request)["id"])
    assert job["state"] == "succeeded", job
    return laptop.ask("GET", f"/v1/jobs/{job['id']}/images/0").content, laptop.manifest(job["id"]).images[0]


def test_an_edit_of_what_was_made_here_carries_both_pictures_credentials(laptop: Laptop) -> None:
    made, facts = picture(laptop)
    inline = {"data": base64.b64encode(made).decode()}
    edited, edited_facts = picture(
        laptop, task="edit", images=[inline], format="webp", visible_mark=True, prompt="make it blue"
    )
    assert facts.content_credentials == edited_facts.content_credentials == "signed"
    assert facts.credentials.actions == ("c2pa.created", "c2pa.watermarked.bound")
    assert edited_facts.credentials.actions == (
        "c2pa.opened",
        "c2pa.edited",
        "c2pa.watermarked.unbound",
        "c2pa.watermarked.bound",
    )
    assert facts.credentials.manifest.encode() in edited
    assert hashlib.sha256(edited).hexdigest() == edited_facts.sha256
    found = read_credentials(edited, "image/webp", trust=None)
    assert (found.signature_valid, found.altered, found.codes) == (True, False, ())
    assert found.soft_binding is not None
    assert found.soft_binding.payload == edited_facts.watermark.payload
