"""The reader distinguishes untouched, altered, stripped and foreign pictures, and never raises."""

from __future__ import annotations

import json
import random
from io import BytesIO
from typing import Any

import c2pa
import pytest
from PIL import Image

from tests.unit.worker.credentials.signed_files import (
    encoded_file,
    key_pem,
    new_chain,
    new_key,
    sample_claims,
)
from worker.credentials.c2pa_toolkit import TrustAnchors, toolkit_context
from worker.credentials.credentials_reader import read_credentials
from worker.credentials.sealer import Sealer
from worker.credentials.signer import KeySigner


@pytest.fixture(scope="module")
def sealed(sealer: Sealer) -> bytes:
    return sealer.seal(encoded_file(), "image/png", sample_claims())[0]


def flip_bit(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_an_untouched_picture_is_trusted_where_its_root_is(sealed: bytes, trust: TrustAnchors) -> None:
    found = read_credentials(sealed, "image/png", trust=trust)
    assert (found.signature_valid, found.altered, found.trusted) == (True, False, True)


def test_without_roots_trust_stays_open(sealed: bytes) -> None:
    assert read_credentials(sealed, "image/png", trust=None).trusted is None


def test_a_stranger_is_valid_and_not_trusted(trust: TrustAnchors) -> None:
    key = new_key("p256")
    foreign, _ = Sealer(KeySigner(new_chain(key)[0], key_pem(key))).seal(
        encoded_file(), "image/png", sample_claims()
    )
    found = read_credentials(foreign, "image/png", trust=trust)
    assert (found.signature_valid, found.altered, found.trusted) == (True, False, False)
    assert found.issuer == "Acme"


def test_one_changed_bit_of_the_picture_is_seen(sealed: bytes, trust: TrustAnchors) -> None:
    found = read_credentials(flip_bit(sealed, len(sealed) - 200), "image/png", trust=trust)
    assert (found.present, found.signature_valid, found.altered) == (True, True, True)
    assert found.codes == ("assertion.dataHash.mismatch",)


def test_one_changed_bit_of_the_claims_is_seen(sealed: bytes, trust: TrustAnchors) -> None:
    found = read_credentials(flip_bit(sealed, sealed.index(b"notAllowed")), "image/png", trust=trust)
    assert (found.present, found.altered) == (True, True)


def test_one_changed_bit_of_the_claim_breaks_the_signature(sealed: bytes) -> None:
    found = read_credentials(flip_bit(sealed, sealed.rindex(b"Plantain\x67version")), "image/png", trust=None)
    assert (found.present, found.signature_valid, found.altered) == (True, False, True)


def test_a_stripped_picture_has_none(sealed: bytes) -> None:
    stripped = BytesIO()
    Image.open(BytesIO(sealed)).save(stripped, "PNG")
    assert not read_credentials(stripped.getvalue(), "image/png", trust=None).present


@pytest.mark.parametrize("content_type", ["image/png", "image/jpeg", "image/bmp", "image/gif", "nonsense"])
@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\x00"])
def test_what_is_no_picture_has_none(data: bytes, content_type: str) -> None:
    assert not read_credentials(data, content_type, trust=None).present


def test_torn_credentials_are_there_and_do_not_hold(sealed: bytes) -> None:
    found = read_credentials(sealed[:5_000], "image/png", trust=None)
    assert (found.present, found.signature_valid, found.altered) == (True, False, True)


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "avif"])
def test_no_damage_makes_it_raise(sealer: Sealer, format: str) -> None:
    content_type = f"image/{format}"
    sealed, chance = (
        sealer.seal(encoded_file(format), content_type, sample_claims(content_type))[0],
        random.Random(format),
    )
    for _ in range(150):
        torn = bytearray(sealed)
        for _ in range(chance.randrange(1, 8)):
            torn[chance.randrange(len(torn))] = chance.randrange(256)
        found = read_credentials(bytes(torn[: chance.randrange(1, len(torn) + 1)]), content_type, trust=None)
        assert not found.present or found.altered or found.codes


def signed_by_a_stranger(*assertions: dict[str, Any]) -> bytes:
    """Another signer may sign claims of any shape."""
    key = new_key("p256")
    signer, out = KeySigner(new_chain(key)[0], key_pem(key)), BytesIO()
    said = {"claim_generator_info": [{"name": "stranger"}], "assertions": assertions}
    with (
        c2pa.Builder(json.dumps(said), toolkit_context()) as builder,
        c2pa.Signer.from_callback(signer.sign, signer.algorithm, signer.chain.pem) as toolkit_signer,
    ):
        builder.sign(toolkit_signer, "image/png", BytesIO(encoded_file()), out)
    return out.getvalue()


def test_the_first_version_of_actions_is_read() -> None:
    created = {"action": "c2pa.created", "when": "yesterday", "softwareAgent": "An app"}
    data = signed_by_a_stranger({"label": "c2pa.actions", "data": {"actions": [created]}})
    (action,) = read_credentials(data, "image/png", trust=None).actions
    assert (action.name, action.when, action.software_agent) == ("c2pa.created", None, "An app")


@pytest.mark.parametrize(
    "binding",
    [
        {"alg": "another", "blocks": [{"scope": {}, "value": "x"}]},
        {"alg": "another", "blocks": [{"scope": {}, "value": "9" * 5_000 + "*0123456789abcdef"}]},
        {"alg": "another", "blocks": [{"scope": {}, "value": {"a": 1}}]},
    ],
)
def test_a_foreign_soft_binding_is_named_and_not_taken_for_ours(binding: dict[str, Any]) -> None:
    data = signed_by_a_stranger({"label": "c2pa.soft-binding", "data": binding})
    found = read_credentials(data, "image/png", trust=None).soft_binding
    assert found is not None
    assert (found.scheme, found.payload, found.key_version) == ("another", None, None)


@pytest.mark.parametrize("binding", [[1], {"blocks": 3}, {"blocks": [3]}, "text"])
def test_a_soft_binding_of_no_known_shape_is_none(binding: object) -> None:
    data = signed_by_a_stranger({"label": "c2pa.soft-binding", "data": binding})
    assert read_credentials(data, "image/png", trust=None).soft_binding is None
