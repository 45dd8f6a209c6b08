"""A deployment of two owners with something of the one's in every dialect, and the attempts on it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from functions.contract import paths
from tests.integration.functions.api.painter import painting, preview
from tests.integration.functions.batch import Batch, jsonl
from tests.integration.functions.deployment import Answer, Deployment, base64_of, picture

WORD = "zinnober"  # in every prompt of Ada's
PROMPT = f"a {WORD} lighthouse"
TAIL = re.compile(r"[a-z2-7]{26}|[0-9]{30,39}")  # what tells a name from others: of Vertex AI's jobs a number
PICTURE = picture(512, 512)
GOOGLE = "/v1beta/models/mock"
JOBS = "/v1beta1/projects/p/locations/l/batchPredictionJobs"
TOOLS = [{"type": "image_generation"}]


def _absent(tail: re.Match[str]) -> str:
    return "7" * 30 if tail[0].isdecimal() else "a" * 26


@dataclass
class World:
    """A deployment of two owners. ``names`` are what Ada has, by the words of the table."""

    deployment: Deployment
    keys: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def call(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {"x-goog-api-key" if "/v1beta" in path else "X-API-Key": self.keys[who], **headers}
        if path.startswith(("/v1/files", "/v1/batches", "/v1/models")) and "own" not in sent:
            sent["User-Agent"] = "OpenAI/Python 3.57.0"
        if sent.pop("own", None):
            sent["User-Agent"] = "plantain"
        return self.deployment.client.open(path, method=method, json=body, headers=sent)

    def made(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = self.call("ada", method, path, body, **headers)
        assert answer.status_code < 300, answer.text
        return answer.json

    def filled(self, text: str, *, absent: bool = False) -> str:
        """The text with Ada's names in place of the words, or with names that there are not."""
        for word, name in self.names.items():
            text = text.replace(f"<{word}>", TAIL.sub(_absent, name) if absent else name)
        return text


def populate(world: World) -> None:
    """Makes something of Ada's in every dialect."""
    shared, names = world.deployment, world.names
    job = {"task": "generate", "prompt": PROMPT, "size": "512", "labels": {"team": WORD}}
    with painting(shared):
        openai = world.made("POST", "/v1/responses", {"input": PROMPT, "tools": TOOLS})
        google = {"model": "mock", "input": PROMPT}
        names["interaction"] = world.made("POST", "/v1beta/interactions", google)["id"]
    names["response"] = openai["id"]
    names["interaction_job"] = f"job_{TAIL.findall(names['interaction'])[0]}"
    names["job"] = world.made("POST", "/v1/jobs", job)["id"]
    shared.claim(names["job"])
    shared.succeed(names["job"])
    edit = {**job, "task": "edit", "images": [{"data": base64_of(PICTURE)}]}
    names["open"] = world.made("POST", "/v1/jobs", edit)["id"]
    shared.claim(names["open"])
    shared.change(names["open"], preview=preview(7), stage="diffuse", progress=0.5)
    (image,) = shared.record(names["open"]).request.images
    names["input"] = image.uri or ""
    names["result"] = f"gs://{shared.settings.results_bucket}/{paths.result_picture(names['job'], 0, 'png')}"
    names["upload"] = world.made("POST", "/v1/uploads", {"content_type": "image/png"})["upload"]
    shared.upload(paths.uploaded_picture("ada", names["upload"]), PICTURE)
    shared.upload(f"ada/{WORD}.png", PICTURE)
    names["uploaded"] = f"gs://{shared.settings.uploads_bucket}/ada/{WORD}.png"
    lines = {**job, "seed": 7}
    shared.upload(f"ada/{WORD}.jsonl", jsonl(lines))
    names["lines"] = f"gs://{shared.settings.uploads_bucket}/ada/{WORD}.jsonl"
    names["batch"] = world.made("POST", "/v1/batches", {"uri": names["lines"]}, own="yes")["id"]
    Batch(shared, names["batch"]).driven()
    line = {"custom_id": WORD, "method": "POST", "url": "/v1/images/generations", "body": {"prompt": PROMPT}}
    form = {"purpose": "batch", "file": (BytesIO(jsonl(line)), f"{WORD}.jsonl")}
    sent = shared.client.post(
        "/v1/files", data=form, headers={"Authorization": f"Bearer {world.keys['ada']}"}
    )
    names["file"] = sent.json["id"]
    begun = {"input_file_id": names["file"], "endpoint": "/v1/images/generations", "completion_window": "24h"}
    names["openai_batch"] = world.made("POST", "/v1/batches", begun)["id"]
    clip = {"task": "animate", "prompt": PROMPT, "model": "mock", "seconds": 2}
    names["clip"] = world.made("POST", "/v1/jobs", clip)["id"]
    names["google_file"] = names["file"].replace("file-", "files/")
    contents = {"contents": [{"parts": [{"text": PROMPT}]}]}
    inline = {"displayName": WORD, "inputConfig": {"requests": {"requests": [{"request": contents}]}}}
    names["google_batch"] = world.made("POST", f"{GOOGLE}:batchGenerateContent", {"batch": inline})["name"]
    shared.upload(f"ada/{WORD}.google.jsonl", jsonl({"request": contents}))
    names["place"] = f"gs://{shared.settings.results_bucket}/batches"
    names["google_lines"] = f"gs://{shared.settings.uploads_bucket}/ada/{WORD}.google.jsonl"
    asked = json.loads(world.filled(json.dumps(predicting("<google_lines>"))))
    names["prediction_job"] = world.made("POST", JOBS, asked)["name"]


def predicting(source: str) -> Any:
    return {
        "model": "publishers/google/models/mock",
        "inputConfig": {"gcsSource": {"uris": [source]}},
        "outputConfig": {"gcsDestination": {"outputUriPrefix": "<place>"}},
    }


Attempt = tuple[str, str, Any]


def editing(image: dict[str, str]) -> Any:
    return {"task": "edit", "prompt": "snow", "images": [image]}


def google(*parts: Any) -> Any:
    return {"contents": [{"parts": [{"text": "make it blue"}, *parts]}]}


def file_data(uri: str) -> Any:
    return google({"fileData": {"fileUri": uri, "mimeType": "image/png"}})


NAMING: list[Attempt] = [
    # Our own API.
    *(
        ("GET", f"/v1/jobs/<{job}>{path}", None)
        for job in ("job", "open")
        for path in (
            "",
            "/events",
            "/images/0",
            "/images/0/preview",
            "/manifest",
            "/verification",
            "/deliveries",
        )
    ),
    ("GET", "/v1/jobs/<open>/inputs/0/preview", None),
    *(("POST", f"/v1/jobs/<{job}>/cancel", None) for job in ("job", "open")),
    *(("DELETE", f"/v1/jobs/<{job}>", None) for job in ("job", "open")),
    ("POST", "/v1/jobs/<job>/deliveries/replay", None),
    ("GET", "/v1/jobs/<interaction_job>", None),
    ("POST", "/v1/jobs", editing({"uri": "<result>"})),
    ("POST", "/v1/jobs", editing({"uri": "<input>"})),
    ("POST", "/v1/jobs", editing({"upload": "<upload>"})),
    ("POST", "/v1/jobs", {**editing({"uri": "<result>"}), "dry_run": True}),
    ("POST", "/v1/jobs", {"task": "verify", "images": [{"uri": "<result>"}]}),
    ("POST", "/v1/jobs", {"task": "suggest", "images": [{"uri": "<input>"}]}),
    ("POST", "/v1/jobs", {"task": "generate", "prompt": "a boat", "images": [{"uri": "<result>"}]}),
    *(("GET", f"own/v1/batches/<batch>{path}", None) for path in ("", "/items", "/manifest")),
    ("POST", "own/v1/batches/<batch>/cancel", None),
    ("DELETE", "own/v1/batches/<batch>", None),
    ("POST", "own/v1/batches", {"upload": "<upload>"}),
    # OpenAI's.
    *(("GET", f"/v1/files/<file>{path}", None) for path in ("", "/content")),
    ("DELETE", "/v1/files/<file>", None),
    ("GET", "/v1/batches/<openai_batch>", None),
    ("POST", "/v1/batches/<openai_batch>/cancel", None),
    ("GET", "/openai/v1/batches/<openai_batch>", None),
    (
        "POST",
        "/v1/batches",
        {"input_file_id": "<file>", "endpoint": "/v1/images/generations", "completion_window": "24h"},
    ),
    ("POST", "/v1/images/edits", {"prompt": "snow", "images": [{"file_id": "<file>"}]}),
    ("GET", "/v1/responses/<response>", None),
    ("POST", "/v1/responses", {"input": "blue", "tools": TOOLS, "previous_response_id": "<response>"}),
    (
        "POST",
        "/v1/responses",
        {
            "tools": TOOLS,
            "input": [{"role": "user", "content": [{"type": "input_image", "file_id": "<file>"}]}],
        },
    ),
    # Google's.
    *(("GET", f"/v1beta/<google_file>{verb}", None) for verb in ("", ":download?alt=media")),
    ("DELETE", "/v1beta/<google_file>", None),
    ("GET", "/v1beta/<google_batch>", None),
    ("POST", "/v1beta/<google_batch>:cancel", None),
    ("DELETE", "/v1beta/<google_batch>", None),
    ("GET", "/v1beta1/<prediction_job>", None),
    ("POST", "/v1beta1/<prediction_job>:cancel", None),
    ("DELETE", "/v1beta1/<prediction_job>", None),
    (
        "POST",
        f"{GOOGLE}:batchGenerateContent",
        {"batch": {"displayName": "x", "inputConfig": {"fileName": "<google_file>"}}},
    ),
    ("POST", f"{GOOGLE}:generateContent", file_data("http://localhost/v1beta/<google_file>")),
    ("POST", f"{GOOGLE}:streamGenerateContent?alt=sse", file_data("http://localhost/v1beta/<google_file>")),
    ("POST", f"{GOOGLE}:generateContent", file_data("<result>")),
    ("POST", f"{GOOGLE}:generateContent", file_data("<input>")),
    ("GET", "/v1beta/models/veo-3.1-generate-preview/operations/<clip>", None),
    ("POST", f"{GOOGLE}:fetchPredictOperation", {"operationName": "models/mock/operations/<clip>"}),
    ("GET", "/v1beta/interactions/<interaction>", None),
    ("GET", "/v1beta/interactions/<interaction>?stream=true", None),
    ("POST", "/v1beta/interactions/<interaction>/cancel", None),
    ("DELETE", "/v1beta/interactions/<interaction>", None),
    (
        "POST",
        "/v1beta/interactions",
        {"model": "mock", "input": "blue", "previous_interaction_id": "<interaction>"},
    ),
]
"""What names something of Ada's."""

FOREIGN: list[Attempt] = [
    ("POST", "/v1/jobs", editing({"uri": "<uploaded>"})),
    ("POST", "own/v1/batches", {"uri": "<lines>"}),
    ("POST", f"{GOOGLE}:generateContent", file_data("<uploaded>")),
    ("POST", JOBS, predicting("<google_lines>")),
]
"""Names without an id: what is there and what is not are refused in the same way, for their folder."""

LISTING: list[Attempt] = [
    ("GET", "/v1/jobs", None),
    ("GET", f"/v1/jobs?label=team:{WORD}", None),
    ("GET", "/v1/jobs?state=running", None),
    ("GET", "own/v1/batches", None),
    ("GET", "/v1/files", None),
    ("GET", "/v1/files?purpose=batch", None),
    ("GET", "/v1/batches", None),
    ("GET", "/v1/models", None),
    ("GET", "/v1beta/files", None),
    ("GET", "/v1beta/batches", None),
    ("GET", JOBS, None),
    ("GET", "/v1beta/models", None),
    ("GET", "/v1/capabilities", None),
    ("GET", "/v1/webhook-secret", None),
    ("GET", "/sdapi/v1/progress", None),
    ("POST", "/sdapi/v1/interrupt", None),
    ("GET", "/sdapi/v1/options", None),
]
"""What shows or ends one's own."""
