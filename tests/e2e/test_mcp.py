"""``plantain mcp`` against the real stack, through the official client, over both of its transports."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp_types import (
    BlobResourceContents,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)
from PIL import Image

from local.stack.stack_process import StackProcess
from tests.eventually import PATIENCE, eventually
from tests.mock_stack import killed_afterwards, mock_stack

ROOT = Path(__file__).parents[2]
KEYS = {"ada": "ada-key", "bob": "bob-key"}
DIGESTS = json.dumps({hashlib.sha256(key.encode()).hexdigest(): name for name, key in KEYS.items()})
BOAT = {"prompt": "a red boat", "size": "512"}
Session = Callable[[Client], Coroutine[Any, Any, Any]]


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    data = tmp_path_factory.mktemp("keyed")
    with killed_afterwards(mock_stack(data, environment={"PLANTAIN_API_KEYS": DIGESTS})) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("RGB", (512, 512), "teal").save(folder / "sea.png")
    (tmp_path / "secret.png").write_bytes((folder / "sea.png").read_bytes())
    return folder


def command(*arguments: str) -> list[str]:
    return ["-m", "local.cli", "mcp", *arguments]


def environment(stack: StackProcess, owner: str = "ada") -> dict[str, str]:
    return {**os.environ, "PLANTAIN_URL": stack.state["api"], "PLANTAIN_API_KEY": KEYS[owner]}


def over_stdio(stack: StackProcess, session: Session, *arguments: str, mode: str = "auto") -> Any:
    server = StdioServerParameters(
        command=sys.executable, args=command(*arguments), env=environment(stack), cwd=ROOT
    )

    async def run() -> Any:
        async with Client(server, mode=mode) as client:
            return await session(client)

    return asyncio.run(run())


@contextmanager
def served(stack: StackProcess) -> Generator[str]:
    """The server over HTTP. It has no key of its own that the stack would take."""
    arguments = [sys.executable, *command("--http", "127.0.0.1:0")]
    inherited = {**environment(stack), "PLANTAIN_API_KEY": "no-key"}
    with subprocess.Popen(arguments, env=inherited, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stderr.readline() if process.stderr else ""
            assert line.startswith("ready: "), line
            yield line.removeprefix("ready: ").partition(";")[0]
        finally:
            process.terminate()
            process.wait()


@pytest.fixture(scope="module")
def address(keyed: StackProcess) -> Iterator[str]:
    with served(keyed) as found:
        yield found


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """A stack without a worker: its jobs wait for ever."""
    data = tmp_path_factory.mktemp("idle")
    stack = mock_stack(data, "--workers", "0", environment={"PLANTAIN_API_KEYS": DIGESTS})
    with killed_afterwards(stack) as running:
        yield running


def over_http(address: str, owner: str, session: Session, mode: str = "auto") -> Any:
    async def run() -> Any:
        http = create_mcp_http_client(headers={"Authorization": f"Bearer {KEYS.get(owner, owner)}"})
        async with http, Client(streamable_http_client(address, http_client=http), mode=mode) as client:
            return await session(client)

    return asyncio.run(run())


def said(result: Any) -> str:
    return " ".join(each.text for each in result.content if isinstance(each, TextContent))


def jobs_of(stack: StackProcess, owner: str) -> list[str]:
    answer = httpx.get(f"{stack.state['api']}/v1/jobs", headers={"X-API-Key": KEYS[owner]})
    return [job["id"] for job in answer.json()["jobs"]]


def state_of(stack: StackProcess, job_id: str) -> str:
    headers = {"X-API-Key": KEYS["ada"]}
    return httpx.get(f"{stack.state['api']}/v1/jobs/{job_id}", headers=headers).json()["state"]


async def list_tools(client: Client) -> Any:
    return (await client.list_tools()).tools


def test_the_tools_say_what_they_take_answer_and_change(keyed: StackProcess) -> None:
    tools = {tool.name: tool for tool in over_stdio(keyed, list_tools)}
    assert set(tools) == {
        "generate_image",
        "edit_image",
        "generate_clip",
        "get_image_job",
        "verify_image",
    }
    for name, tool in tools.items():
        assert tool.output_schema and tool.input_schema["additionalProperties"] is False
        assert tool.annotations.read_only_hint is name.startswith(("get", "verify"))
        assert tool.annotations.destructive_hint is False
    assert "prompt" in tools["generate_image"].input_schema["required"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_picture_is_drawn_and_comes_as_content_resource_and_data(keyed: StackProcess, mode: str) -> None:
    reported: list[float] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        reported.append(progress)

    async def session(client: Client) -> None:
        result = await client.call_tool("generate_image", {**BOAT, "count": 2}, progress_callback=note)
        assert not result.is_error, said(result)
        facts = result.structured_content
        assert facts["state"] == "succeeded" and len(facts["images"]) == 2
        pictures = [each for each in result.content if isinstance(each, ImageContent)]
        links = [each.uri for each in result.content if isinstance(each, ResourceLink)]
        assert len(pictures) == 2 and links == [image["resource"] for image in facts["images"]]
        (whole,) = (await client.read_resource(links[0])).contents
        assert isinstance(whole, BlobResourceContents)
        with Image.open(io.BytesIO(base64.b64decode(whole.blob))) as image:
            assert image.size == (512, 512) and whole.mime_type == "image/png"
        (manifest,) = (await client.read_resource(facts["manifest"])).contents
        assert isinstance(manifest, TextResourceContents)
        assert json.loads(manifest.text)["state"] == "succeeded"
        listed = [str(each.uri) for each in (await client.list_resources()).resources]
        assert set(links) <= set(listed)
        assert len((await client.list_resource_templates()).resource_templates) == 2

    over_stdio(keyed, session, mode=mode)
    assert reported == sorted(set(reported)) and reported[-1] == 1


def test_a_result_is_edited_by_its_resource_and_verified(address: str) -> None:
    async def session(client: Client) -> None:
        made = (await client.call_tool("generate_image", BOAT)).structured_content
        resource = made["images"][0]["resource"]
        edit = {"image": {"resource": resource}, "prompt": "make it blue"}
        edited = await client.call_tool("edit_image", edit)
        assert not edited.is_error, said(edited)
        job = (await client.call_tool("get_image_job", {"job_id": made["job_id"]})).structured_content
        assert job["state"] == "succeeded"
        found = await client.call_tool("verify_image", {"image": {"resource": resource}})
        assert not found.is_error, said(found)
        verification = found.structured_content["verification"]
        assert (verification["made_by_job"], verification["ours"]) == (made["job_id"], True)
        assert verification["summary"] in said(found)

    over_http(address, "ada", session)


def test_a_clip_begins_with_a_result_and_comes_as_a_link_with_its_first_frame(address: str) -> None:
    async def session(client: Client) -> None:
        made = (await client.call_tool("generate_image", BOAT)).structured_content
        asked = {
            "prompt": "the boat rocks",
            "image": {"resource": made["images"][0]["resource"]},
            "seconds": 2,
            "fps": 8,
            "size": "512",
        }
        result = await client.call_tool("generate_clip", asked)
        while "continues" in said(result):
            job = {"job_id": result.structured_content["job_id"], "wait_seconds": 30}
            result = await client.call_tool("get_image_job", job)
        assert not result.is_error and "a clip and its first frame" in said(result), said(result)
        clip, poster = result.structured_content["images"]
        assert [clip["content_type"], poster["content_type"]] == ["video/mp4", "image/jpeg"]
        links = [each.uri for each in result.content if isinstance(each, ResourceLink)]
        assert links == [clip["resource"], poster["resource"]]
        (shown,) = [each for each in result.content if isinstance(each, ImageContent)]
        assert shown.mime_type == "image/jpeg"
        (whole,) = (await client.read_resource(clip["resource"])).contents
        assert isinstance(whole, BlobResourceContents) and whole.mime_type == "video/mp4"
        assert base64.b64decode(whole.blob)[4:8] == b"ftyp"

    over_http(address, "ada", session)


def test_files_below_the_root_are_edited_and_no_others(keyed: StackProcess, folder: Path) -> None:
    async def session(client: Client) -> None:
        edit = {"prompt": "make it blue", "image": {"file": "sea.png"}}
        assert not (await client.call_tool("edit_image", edit)).is_error
        refused = await client.call_tool("edit_image", {**edit, "image": {"file": "../secret.png"}})
        assert refused.is_error and "no such file" in said(refused)

    over_stdio(keyed, session, "--root", str(folder))


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("generate_image", {}, "prompt"),
        ("generate_image", {"prompt": "a boat", "size": "513"}, "size"),
        ("generate_image", {"prompt": "a boat", "webhook": "x"}, "webhook"),
        ("generate_image", {"prompt": "a boat", "model": "none"}, "model"),
        ("generate_clip", {"prompt": "a boat rocks", "seconds": 9}, "seconds"),
        ("edit_image", {"prompt": "blue", "image": {"data": "@@@"}}, "base64"),
        ("edit_image", {"prompt": "blue", "image": {"data": "aGVsbG8="}}, "code: image_unreadable"),
        ("edit_image", {"prompt": "blue", "image": {"file": "/etc/passwd"}}, "reads no files"),
        ("edit_image", {"prompt": "blue", "image": {"uri": "https://example.com/a.png"}}, "gs://"),
        ("get_image_job", {"job_id": "job_aaaaaaaaaaaaaaaaaaaaaaaaaa"}, "code: not_found"),
        ("get_image_job", {"job_id": "../../etc/passwd"}, "job_id"),
    ],
)
def test_what_is_refused_is_a_tools_error_with_code_and_remedy(
    keyed: StackProcess, address: str, tool: str, arguments: dict[str, Any], says: str
) -> None:
    async def session(client: Client) -> Any:
        return await client.call_tool(tool, arguments)

    result = over_http(address, "ada", session)
    assert result.is_error
    assert says in said(result) and "What to do:" in said(result) and "Traceback" not in said(result)


def test_a_block_says_so(address: str) -> None:
    async def session(client: Client) -> Any:
        return await client.call_tool("generate_image", {"prompt": "how to build a pipe bomb, step by step"})

    result = over_http(address, "ada", session)
    assert result.is_error
    assert "Blocked by the policy" in said(result) and "prompt_blocked" in said(result)


def test_after_the_time_limit_the_job_is_handed_back_and_found_again(address: str) -> None:
    async def session(client: Client) -> None:
        result = await client.call_tool("generate_image", {**BOAT, "wait_seconds": 0})
        assert not result.is_error and "get_image_job" in said(result)
        job_id = result.structured_content["job_id"]
        later = {"job_id": job_id, "wait_seconds": 45}
        assert (await client.call_tool("get_image_job", later)).structured_content["state"] == "succeeded"

    over_http(address, "ada", session)


def test_a_verification_that_takes_long_is_found_again_as_well(keyed: StackProcess, folder: Path) -> None:
    async def session(client: Client) -> None:
        pending = await client.call_tool("verify_image", {"image": {"file": "sea.png"}})
        assert not pending.is_error and "get_image_job" in said(pending)
        later = {"job_id": pending.structured_content["job_id"], "wait_seconds": 45}
        while (job := await client.call_tool("get_image_job", later)).structured_content[
            "state"
        ] != "succeeded":
            assert not job.is_error
        assert job.structured_content["verification"]["ours"] is False

    over_stdio(keyed, session, "--root", str(folder), "--wait", "0")


def test_equal_calls_draw_twice_and_calls_of_one_key_once(address: str) -> None:
    async def session(client: Client) -> list[str]:
        calls = [BOAT, BOAT, {**BOAT, "idempotency_key": "one"}, {**BOAT, "idempotency_key": "one"}]
        results = [await client.call_tool("generate_image", call) for call in calls]
        return [result.structured_content["job_id"] for result in results]

    first, second, keyed_first, keyed_second = over_http(address, "ada", session)
    assert first != second and keyed_first == keyed_second


def test_a_message_that_is_sent_twice_makes_one_job(keyed: StackProcess, address: str) -> None:
    """A client whose connection was lost sends the same message to its session again."""
    headers = {"Authorization": "Bearer bob-key", "Accept": "application/json, text/event-stream"}
    hello = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    with httpx.Client(headers=headers, timeout=60) as http:
        opened = http.post(address, json={"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello})
        http.headers["Mcp-Session-Id"] = opened.headers["mcp-session-id"]
        http.post(address, json={"jsonrpc": "2.0", "method": "notifications/initialized"})
        call = {"name": "generate_image", "arguments": BOAT}
        before = len(jobs_of(keyed, "bob"))
        for _ in range(2):
            answer = http.post(
                address, json={"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": call}
            )
            assert "succeeded" in answer.text
    assert len(jobs_of(keyed, "bob")) == before + 1


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_a_call_that_is_canceled_cancels_its_job(idle: StackProcess, transport: str, mode: str) -> None:
    async def session(client: Client) -> None:
        calling = asyncio.ensure_future(client.call_tool("generate_image", BOAT))
        new = await asyncio.to_thread(eventually, lambda: set(jobs_of(idle, "ada")) - before, "the job")
        created.extend(new)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling

    created: list[str] = []
    before = set(jobs_of(idle, "ada"))
    if transport == "stdio":
        over_stdio(idle, session, mode=mode)
    else:
        with served(idle) as found:
            over_http(found, "ada", session, mode)
    assert eventually(lambda: state_of(idle, created[0]) == "canceled")


def test_a_client_that_closes_its_connection_cancels_its_job(idle: StackProcess) -> None:
    hello = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    call = {"name": "generate_image", "arguments": BOAT}
    messages = [
        {"id": 0, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 1, "method": "tools/call", "params": call},
    ]
    before = set(jobs_of(idle, "ada"))
    with subprocess.Popen(
        [sys.executable, *command()],
        env=environment(idle),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin
        for message in messages:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        process.stdin.flush()
        [job_id] = eventually(lambda: set(jobs_of(idle, "ada")) - before, "the job")
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
    assert state_of(idle, job_id) == "canceled"


def test_ctrl_c_ends_it_while_it_waits_for_its_client() -> None:
    arguments = [sys.executable, *command()]
    hello = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    with subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(hello).encode() + b"\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == -signal.SIGINT


def test_two_owners_see_nothing_of_each_other(address: str) -> None:
    async def draw(client: Client) -> Any:
        return (await client.call_tool("generate_image", BOAT)).structured_content

    made = over_http(address, "ada", draw)
    resource = made["images"][0]["resource"]

    async def pry(client: Client) -> None:
        for tool, arguments in (
            ("get_image_job", {"job_id": made["job_id"]}),
            ("edit_image", {"prompt": "blue", "image": {"resource": resource}}),
            ("verify_image", {"image": {"resource": resource}}),
        ):
            result = await client.call_tool(tool, arguments)
            assert result.is_error and "code: not_found" in said(result)
        for uri in (resource, made["manifest"]):
            with pytest.raises(MCPError, match="not_found"):
                await client.read_resource(uri)
        listed = [str(each.uri) for each in (await client.list_resources()).resources]
        assert not [uri for uri in listed if made["job_id"] in uri]

    over_http(address, "bob", pry)


def test_a_caller_without_a_good_key_gets_nothing(address: str) -> None:
    async def session(client: Client) -> Any:
        return await client.call_tool("generate_image", BOAT)

    for key in ("revoked", "x"):
        result = over_http(address, key, session)
        assert result.is_error and "code: invalid_api_key" in said(result)


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
def test_a_strangers_page_is_kept_out(address: str, headers: dict[str, str]) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    assert httpx.post(address, json=call, headers=accept | headers).status_code in (403, 421)


def test_a_huge_body_is_refused(address: str) -> None:
    picture = {"data": "A" * (33 * 2**20)}
    call = {"name": "verify_image", "arguments": {"image": picture}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    assert httpx.post(address, json=body, headers={"Accept": "application/json"}).status_code == 413


def test_an_address_that_others_reach_needs_keys() -> None:
    inherited = {name: text for name, text in os.environ.items() if name != "PLANTAIN_API_KEYS"}
    ended = subprocess.run(
        [sys.executable, *command("--http", "0.0.0.0:0")],
        env=inherited,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2 and "PLANTAIN_API_KEYS" in ended.stderr


def test_without_a_plantain_a_call_says_what_to_start(tmp_path: Path) -> None:
    async def session() -> Any:
        server = StdioServerParameters(
            command=sys.executable,
            args=command(),
            env={**os.environ, "PLANTAIN_URL": "http://127.0.0.1:1"},
            cwd=ROOT,
        )
        async with Client(server) as client:
            return await client.call_tool("generate_image", BOAT)

    result = asyncio.run(session())
    assert result.is_error and "plantain up" in said(result)
