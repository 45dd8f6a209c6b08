"""The sealer: its credentials tell how the picture was made, are valid, and leave the pixels unchanged."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import c2pa
import cv2
import numpy as np
import pytest
from PIL import Image

from functions.contract.errors import CredentialsFailed, SignerUnavailable
from functions.contract.release import RELEASE
from tests.unit.worker.credentials.signed_files import (
    AT,
    MARK,
    encoded_file,
    key_pem,
    new_chain,
    new_key,
    sample_claims,
)
from worker.credentials.c2pa_toolkit import TrustAnchors, toolkit_context
from worker.credentials.credentials_reader import read_credentials
from worker.credentials.development_chain import development_signer
from worker.credentials.digital_source_types import COMPOSITE, ENHANCED, GENERATED
from worker.credentials.ingredients import IngredientPolicy, pack_ingredients
from worker.credentials.sealer import Sealer
from worker.credentials.signer import KeySigner
from worker.credentials.xmp_packet import build_xmp_packet

FILES = [("png", 8), ("png", 16), ("jpeg", 8), ("webp", 8), ("avif", 8)]


def pixels(data: bytes) -> np.ndarray:
    if data[:4] == b"\x89PNG":
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        assert found is not None
        return found
    return np.asarray(Image.open(BytesIO(data)))


def read_manifests(data: bytes, content_type: str = "image/png") -> dict[str, Any]:
    return json.loads(c2pa.Reader(content_type, BytesIO(data), context=toolkit_context()).json())


def active_manifest(data: bytes) -> dict[str, Any]:
    store = read_manifests(data)
    return store["manifests"][store["active_manifest"]]


@pytest.mark.parametrize(("format", "bit_depth"), FILES)
def test_every_format_carries_credentials_that_hold(
    sealer: Sealer, trust: TrustAnchors, format: str, bit_depth: int
) -> None:
    content_type, data = f"image/{format}", encoded_file(format, bit_depth, xmp=build_xmp_packet(GENERATED))
    sealed, facts = sealer.seal(data, content_type, sample_claims(content_type))
    found = read_credentials(sealed, content_type, trust=trust)
    assert (found.present, found.signature_valid, found.trusted, found.altered) == (True, True, True, False)
    assert found.codes == ()
    assert found.label == facts.manifest
    assert facts.actions == ("c2pa.created", "c2pa.watermarked.bound")
    assert (pixels(sealed) == pixels(data)).all()
    assert pixels(sealed).dtype == (np.uint16 if bit_depth == 16 else np.uint8)
    assert GENERATED.encode() in Image.open(BytesIO(sealed)).info["xmp"]


def test_a_generation_says_what_made_it_and_when(sealer: Sealer) -> None:
    sealed, _ = sealer.seal(encoded_file(), "image/png", sample_claims())
    found = read_credentials(sealed, "image/png", trust=None)
    created = found.actions[0]
    assert (created.name, created.source_type) == ("c2pa.created", GENERATED)
    assert (created.software_agent, created.when) == ("starter 1", AT)
    assert found.claim_generator == f"Plantain {RELEASE}"
    assert found.issuer == "Plantain development"


def test_the_watermark_is_named_so_that_it_leads_back(sealer: Sealer) -> None:
    sealed, _ = sealer.seal(encoded_file(), "image/png", sample_claims())
    binding = read_credentials(sealed, "image/png", trust=None).soft_binding
    assert binding is not None
    assert (binding.scheme, binding.payload, binding.key_version) == (MARK.scheme, MARK.payload, 3)


def test_a_picture_without_a_watermark_names_none(sealer: Sealer) -> None:
    sealed, facts = sealer.seal(encoded_file(), "image/png", sample_claims(watermark=None))
    assert read_credentials(sealed, "image/png", trust=None).soft_binding is None
    assert facts.actions == ("c2pa.created",)


def test_a_visible_mark_is_an_action_of_its_own(sealer: Sealer) -> None:
    _, facts = sealer.seal(encoded_file(), "image/png", sample_claims(visible_mark=True))
    assert facts.actions == ("c2pa.created", "c2pa.watermarked.unbound", "c2pa.watermarked.bound")


def test_training_and_mining_are_not_allowed(sealer: Sealer) -> None:
    sealed, _ = sealer.seal(encoded_file(), "image/png", sample_claims())
    (entries,) = [
        each["data"]["entries"]
        for each in active_manifest(sealed)["assertions"]
        if each["label"] == "cawg.training-mining"
    ]
    assert set(entries) == {
        "cawg.ai_inference",
        "cawg.ai_training",
        "cawg.ai_generative_training",
        "cawg.data_mining",
    }
    assert all(entry == {"use": "notAllowed"} for entry in entries.values())


def test_everything_that_is_said_is_said_by_the_signer_itself(sealer: Sealer) -> None:
    """A strict reader treats gathered assertions as another party's."""
    sealed, _ = sealer.seal(encoded_file(), "image/png", sample_claims())
    reader = c2pa.Reader("image/png", BytesIO(sealed), context=toolkit_context())
    (manifest,) = json.loads(reader.detailed_json())["manifests"].values()
    assert not manifest["claim"].get("gathered_assertions")


def test_no_thumbnail_is_made(sealer: Sealer) -> None:
    data = encoded_file()
    sealed, _ = sealer.seal(data, "image/png", sample_claims())
    assert b"c2pa.thumbnail" not in sealed
    assert len(sealed) - len(data) < 16_000


@pytest.mark.parametrize(
    ("task", "done", "source"),
    [
        ("edit", "c2pa.edited", COMPOSITE),
        ("outpaint", "c2pa.edited", COMPOSITE),
        ("upscale", "c2pa.resized", ENHANCED),
    ],
)
def test_a_changed_picture_has_the_one_before_for_its_parent(
    sealer: Sealer, task: str, done: str, source: str
) -> None:
    before = pack_ingredients([encoded_file("jpeg", seed=1)], task)
    sealed, facts = sealer.seal(encoded_file(), "image/png", sample_claims(task=task, ingredients=1), before)
    assert facts.actions == ("c2pa.opened", done, "c2pa.watermarked.bound")
    (parent,) = active_manifest(sealed)["ingredients"]
    assert (parent["relationship"], parent["format"]) == ("parentOf", "image/jpeg")
    assert "active_manifest" not in parent
    assert read_credentials(sealed, "image/png", trust=None).actions[1].source_type == source


def test_the_parents_credentials_are_kept_if_they_are_ours(sealer: Sealer, trust: TrustAnchors) -> None:
    policy = IngredientPolicy(trust=trust)
    first, facts = sealer.seal(encoded_file(seed=1), "image/png", sample_claims())
    second, _ = sealer.seal(
        encoded_file(),
        "image/png",
        sample_claims(task="edit", ingredients=1),
        pack_ingredients([first], "edit", policy),
    )
    (parent,) = active_manifest(second)["ingredients"]
    assert parent["active_manifest"] == facts.manifest
    assert facts.manifest in read_manifests(second)["manifests"]
    assert read_credentials(second, "image/png", trust=None).codes == ()


def test_a_parent_that_was_altered_is_kept_as_such_and_spoils_nothing(sealer: Sealer) -> None:
    policy = IngredientPolicy(everything=True)
    first, _ = sealer.seal(encoded_file("jpeg", seed=1), "image/jpeg", sample_claims("image/jpeg"))
    torn = bytearray(first)
    torn[-50] ^= 1  # a JPEG still decodes
    sealed, _ = sealer.seal(
        encoded_file(),
        "image/png",
        sample_claims(task="edit", ingredients=1),
        pack_ingredients([bytes(torn)], "edit", policy),
    )
    (parent,) = active_manifest(sealed)["ingredients"]
    failures = [found["code"] for found in parent["validation_results"]["activeManifest"]["failure"]]
    assert failures == ["assertion.dataHash.mismatch"]
    assert read_credentials(sealed, "image/png", trust=None).codes == ()


def test_references_are_inputs_and_not_parents(sealer: Sealer) -> None:
    references = pack_ingredients([encoded_file("jpeg", seed=1), encoded_file("webp", seed=2)], "generate")
    sealed, _ = sealer.seal(encoded_file(), "image/png", sample_claims(ingredients=2), references)
    found = active_manifest(sealed)
    assert [each["relationship"] for each in found["ingredients"]] == ["inputTo", "inputTo"]
    created = found["assertions"][0]["data"]["actions"][0]
    assert len(created["parameters"]["ingredients"]) == 2


class BrokenSigner:
    """A signer whose signatures all fail in the same way."""

    def __init__(self, outcome: bytes | Exception) -> None:
        key = new_key("p256")
        self.chain = new_chain(key)[0]
        self.algorithm = self.chain.algorithm
        self._outcome = outcome

    def sign(self, data: bytes) -> bytes:
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


@pytest.mark.parametrize("error", [SignerUnavailable("away"), CredentialsFailed("refused")])
def test_what_the_signer_says_comes_out_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)):
        Sealer(BrokenSigner(error)).seal(encoded_file(), "image/png", sample_claims())


def test_a_wrong_signature_does_not_leave() -> None:
    with pytest.raises(CredentialsFailed):
        Sealer(BrokenSigner(bytes(range(64)))).seal(encoded_file(), "image/png", sample_claims())


def test_an_expired_certificate_does_not_leave() -> None:
    key = new_key("p256")
    chain, _ = new_chain(key, days=-1)
    with pytest.raises(CredentialsFailed):
        Sealer(KeySigner(chain, key_pem(key))).seal(encoded_file(), "image/png", sample_claims())


def test_what_is_no_picture_cannot_be_signed(sealer: Sealer) -> None:
    with pytest.raises(CredentialsFailed):
        sealer.seal(b"no picture at all", "image/png", sample_claims())


def test_a_dead_time_stamp_authority_is_worth_another_try(folder: Path) -> None:
    sealer = Sealer(development_signer(folder), "http://127.0.0.1:9/")
    with pytest.raises(SignerUnavailable, match="time stamp"):
        sealer.seal(encoded_file(), "image/png", sample_claims())


def test_threads_share_a_sealer(sealer: Sealer) -> None:
    def label(seed: int) -> str | None:
        sealed, _ = sealer.seal(encoded_file(seed=seed), "image/png", sample_claims())
        return read_credentials(sealed, "image/png", trust=None).label

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(label, range(12)))) == 12


@pytest.fixture
def asked() -> Any:
    """Yields a server on the laptop, and the paths of its requests."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    server.server_close()


def test_nothing_is_fetched_that_a_callers_picture_names(asked: tuple[str, list[str]]) -> None:
    address, paths = asked
    remote = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'dcterms:provenance="{address}/manifest.c2pa"/></rdf:RDF></x:xmpmeta>'
    )
    for format in ("png", "jpeg"):
        data = encoded_file(format, xmp=remote.encode())
        pack_ingredients([data], "edit")
        assert not read_credentials(data, f"image/{format}", trust=None).present
    assert paths == []
