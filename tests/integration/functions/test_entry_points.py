"""functions/ is a Cloud Functions source root: copied alone it loads, stays light, and answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import functions
from functions.contract import ids
from functions.contract.message import JobMessage
from tests.integration.functions.deployment import Deployment, message_event
from tests.integration.functions.servers import Servers

SOURCE = Path(functions.__file__).parent
ENTRY_POINTS = ("api", "uploads", "dispatch", "notify", "dead_letter", "sweep")
NOWHERE = {"STORAGE_EMULATOR_HOST": "http://127.0.0.1:9", "PUBSUB_EMULATOR_HOST": "127.0.0.1:9"}
HEAVY = ("torch", "numpy", "google.cloud.aiplatform", "PIL", "diffusers", "transformers", "httpx")


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder under another name, where nothing else of Plantain is in reach, to be compiled once."""
    target = tmp_path_factory.mktemp("deployed") / "source"
    shutil.copytree(SOURCE, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def python(source: Path, program: str, environment: dict[str, str]) -> list[str]:
    """What a program prints that runs beside the copy; Plantain itself is hidden from it."""
    hide = "import sys; sys.modules.update(functions=None, worker=None, local=None)\n"
    done = subprocess.run(
        [sys.executable, "-c", hide + dedent(program)],
        cwd=source.parent,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def environment_of(deployment: Deployment, servers: dict[str, str]) -> dict[str, str]:
    fields = deployment.settings.model_dump(exclude_defaults=True, mode="json")
    texts = {
        f"PLANTAIN_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
    }
    return {**texts, **servers}


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_each_entry_point_loads_alone_and_light(copied: Path, entry_point: str) -> None:
    program = f"""
        from functions_framework import create_app
        app = create_app({entry_point!r}, "source/main.py")
        print([name for name in {HEAVY} if name in sys.modules])
        """
    assert python(copied, program, {}) == ["[]"]


def test_nothing_is_asked_of_the_environment_before_a_call(copied: Path) -> None:
    program = """
        from functions_framework import create_app
        client = create_app("api", "source/main.py").test_client()
        print(client.get("/healthz").json["status"])
        """
    hidden = {name: "" for name in os.environ if name.startswith("PLANTAIN_")}
    assert python(copied, program, hidden) == ["ok"]


def test_the_copy_takes_a_job_cancels_it_and_tells_of_it(
    copied: Path, deployment: Deployment, servers: Servers
) -> None:
    program = """
        import logging; logging.disable()
        from functions_framework import create_app
        api = create_app("api", "source/main.py").test_client()
        job = api.post("/v1/jobs", json={"task": "generate", "prompt": "a boat"}).json["id"]
        print(job)
        print(api.post(f"/v1/jobs/{job}/cancel").json["state"])
        notify = create_app("notify", "source/main.py").test_client()
        head = {"ce-id": "1", "ce-source": "s", "ce-specversion": "1.0",
                "ce-type": "google.cloud.storage.object.v1.finalized"}
        import os
        body = {"bucket": os.environ["PLANTAIN_RESULTS_BUCKET"], "name": f"{job}/manifest.json",
                "generation": "1"}
        print(notify.post("/", json=body, headers=head).status_code)
        sweep = create_app("sweep", "source/main.py").test_client()
        print(sweep.post("/").json)
        """
    job_id, *rest = python(copied, program, environment_of(deployment, servers.environment))
    assert rest == ["canceled", "200", "{'more': False}"]
    (event,) = deployment.published(deployment.settings.events_topic)
    assert event.attributes["event_id"] == ids.event_id(job_id)


def test_a_raw_push_and_an_event_mean_the_same_to_dead_letter(
    copied: Path, deployment: Deployment, servers: Servers
) -> None:
    jobs = [deployment.generate(), deployment.generate()]
    bodies = [message_event(JobMessage(job_id=job_id).encode()).get_data() for job_id in jobs]
    program = f"""
        import logging; logging.disable()
        from functions_framework import create_app
        client = create_app("dead_letter", "source/main.py").test_client()
        raw, event = {bodies!r}
        raw["message"]["publishTime"] = "2026-01-01T00:00:00Z"
        print(client.post("/", json=raw).status_code)
        head = {{"ce-id": "1", "ce-source": "s", "ce-specversion": "1.0",
                "ce-type": "google.cloud.pubsub.topic.v1.messagePublished"}}
        print(client.post("/", json=event, headers=head).status_code)
        """
    assert python(copied, program, environment_of(deployment, servers.environment)) == ["200", "200"]
    assert [deployment.job(job_id)["state"] for job_id in jobs] == ["failed", "failed"]


def test_a_failing_backend_makes_eventarc_try_again(copied: Path, deployment: Deployment) -> None:
    """Transient is raised, and functions-framework makes a 500 of it; no other error is."""
    program = """
        import logging; logging.disable()
        from functions_framework import create_app
        from google.cloud.storage.retry import DEFAULT_RETRY
        DEFAULT_RETRY._timeout = 0.1
        client = create_app("notify", "source/main.py").test_client()
        head = {"ce-id": "1", "ce-source": "s", "ce-specversion": "1.0",
                "ce-type": "google.cloud.storage.object.v1.finalized"}
        import os
        body = {"bucket": os.environ["PLANTAIN_RESULTS_BUCKET"], "generation": "1",
                "name": "job_aaaaaaaaaaaaaaaaaaaaaaaaaa/manifest.json"}
        print(client.post("/", json=body, headers=head).status_code)
        """
    away = environment_of(deployment, NOWHERE)
    assert python(copied, program, away) == ["500"]
