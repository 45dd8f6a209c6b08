"""Ingredients: every accepted picture can be one, and the result contains no private data of it."""

from __future__ import annotations

import hashlib
import json
from io import BytesIO
from typing import Any

import c2pa
import numpy as np
import pytest
from PIL import Image

from tests.unit.worker.credentials import camera_photo
from tests.unit.worker.credentials.signed_files import encoded_file, sample_claims, smooth_picture
from worker.credentials import ingredients
from worker.credentials.c2pa_toolkit import TrustAnchors, toolkit_context
from worker.credentials.credentials_reader import read_credentials
from worker.credentials.ingredient_allow_list import FACTS_FIELD
from worker.credentials.ingredients import FACTS_ONLY, IngredientPolicy, pack_ingredient, pack_ingredients
from worker.credentials.sealer import Sealer


def save_as(format: str) -> bytes:
    out = BytesIO()
    Image.fromarray((smooth_picture() * 255).astype(np.uint8)).save(out, format)
    return out.getvalue()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "AVIF", "GIF", "TIFF", "BMP"])
def test_every_format_that_is_taken_can_be_a_parent(sealer: Sealer, format: str) -> None:
    packed = pack_ingredients([save_as(format)], "edit")
    sealed, _ = sealer.seal(encoded_file(), "image/png", sample_claims(task="edit", ingredients=1), packed)
    assert read_credentials(sealed, "image/png", trust=None).codes == ()


def test_a_pack_has_no_pixels() -> None:
    data = encoded_file("png", 16)
    assert len(pack_ingredient(data, 0, is_parent=True)) < len(data) / 2


def edit_photo(
    sealer: Sealer, *inputs: bytes, policy: IngredientPolicy = FACTS_ONLY, format: str = "png"
) -> bytes:
    """Returns the file that an edit of the inputs would deliver."""
    content_type, packed = f"image/{format}", pack_ingredients(inputs, "edit", policy)
    claims = sample_claims(content_type, task="edit", ingredients=len(inputs))
    return sealer.seal(encoded_file(format), content_type, claims, packed)[0]


def store_of(data: bytes, format: str = "png") -> dict[str, Any]:
    return json.loads(c2pa.Reader(f"image/{format}", BytesIO(data), context=toolkit_context()).json())


def parent_of(data: bytes) -> dict[str, Any]:
    """Returns the ingredient of an edited file."""
    store = store_of(data)
    (parent,) = store["manifests"][store["active_manifest"]]["ingredients"]
    return parent


@pytest.mark.parametrize("taken", camera_photo.FORMATS)
@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "avif"])
def test_nothing_private_of_a_photo_is_in_the_result(sealer: Sealer, taken: str, format: str) -> None:
    photo = camera_photo.private_photo(taken, nested=camera_photo.private_photo("jpeg"))
    assert (
        len(camera_photo.secrets_in(photo)) >= len(camera_photo.SECRETS) - 2
    )  # each format has most of the places
    sealed = edit_photo(sealer, photo, photo, format=format)
    assert camera_photo.secrets_in(sealed) == []
    found = read_credentials(sealed, f"image/{format}", trust=None)
    assert (found.holds, found.codes) == (True, ())
    assert len(store_of(sealed, format)["manifests"]) == 1


def test_a_jpeg_has_every_secret_that_is_looked_for() -> None:
    assert camera_photo.secrets_in(camera_photo.private_photo("jpeg")) == list(camera_photo.SECRETS)


def test_a_photos_signer_kinds_of_action_and_hash_are_said(sealer: Sealer) -> None:
    photo = camera_photo.private_photo("jpeg")
    parent = parent_of(edit_photo(sealer, photo))
    assert parent["metadata"][FACTS_FIELD] == {
        "sha256": hashlib.sha256(photo).hexdigest(),
        "issuer": camera_photo.SIGNER,
        "actions": ["c2pa.created"],
        "digitalSourceTypes": ["digitalCapture"],
    }
    assert camera_photo.SIGNER in parent["description"]
    assert not parent.keys() & {"active_manifest", "manifest_data", "thumbnail", "instance_id", "document_id"}


def test_of_a_photo_without_credentials_nothing_is_said(sealer: Sealer) -> None:
    parent = parent_of(edit_photo(sealer, camera_photo.unsigned_photo("jpeg")))
    assert parent.keys() == {"title", "format", "relationship", "label"}


def test_a_setting_keeps_everything(sealer: Sealer) -> None:
    photo = camera_photo.private_photo("jpeg")
    sealed = edit_photo(sealer, photo, policy=IngredientPolicy(everything=True))
    assert parent_of(sealed)["active_manifest"] == read_credentials(photo, "image/jpeg", trust=None).label
    assert "48,51.5021N" in camera_photo.secrets_in(sealed)
    assert read_credentials(sealed, "image/png", trust=None).holds


def test_our_own_credentials_go_along_whole(sealer: Sealer, trust: TrustAnchors) -> None:
    policy = IngredientPolicy(trust=trust)
    first = edit_photo(sealer, camera_photo.private_photo("jpeg"), policy=policy)
    assert parent_of(first)["metadata"][FACTS_FIELD]["issuer"] == camera_photo.SIGNER
    second = edit_photo(sealer, first, policy=policy)
    third = edit_photo(sealer, second, policy=policy)
    assert len(store_of(third)["manifests"]) == 3
    assert read_credentials(third, "image/png", trust=trust).holds
    assert camera_photo.secrets_in(third) == []


def test_a_strangers_manifest_inside_one_of_ours_does_not_go_along(
    sealer: Sealer, trust: TrustAnchors
) -> None:
    """Results from before the allow list have one."""
    older = edit_photo(sealer, camera_photo.private_photo("jpeg"), policy=IngredientPolicy(everything=True))
    assert camera_photo.secrets_in(older)
    sealed = edit_photo(sealer, older, policy=IngredientPolicy(trust=trust))
    assert camera_photo.secrets_in(sealed) == []
    assert parent_of(sealed)["metadata"][FACTS_FIELD]["issuer"] == "Plantain development"


def test_one_of_ours_that_names_an_input_by_its_ids_does_not_go_along(
    sealer: Sealer, trust: TrustAnchors
) -> None:
    """Results from before the allow list, of photos without credentials, have one too."""
    older = edit_photo(sealer, camera_photo.unsigned_photo("jpeg"), policy=IngredientPolicy(everything=True))
    assert camera_photo.secrets_in(older) == ["xmp.iid:private-instance-id"]
    sealed = edit_photo(sealer, older, policy=IngredientPolicy(trust=trust))
    assert camera_photo.secrets_in(sealed) == []


def test_credentials_that_do_not_hold_say_nothing(sealer: Sealer) -> None:
    photo = bytearray(camera_photo.private_photo("jpeg"))
    photo[-50] ^= 1  # it still decodes
    sealed = edit_photo(sealer, bytes(photo))
    assert "did not hold" in parent_of(sealed)["description"]
    assert "metadata" not in parent_of(sealed)
    assert read_credentials(sealed, "image/png", trust=None).holds


EVERYTHING = IngredientPolicy(everything=True)


def test_damaged_credentials_are_left_out(sealer: Sealer) -> None:
    sealed = bytearray(sealer.seal(encoded_file("jpeg"), "image/jpeg", sample_claims("image/jpeg"))[0])
    sealed[sealed.index(b"c2pa.actions.v2") + 40] ^= 0xFF
    (packed,) = pack_ingredients([bytes(sealed)], "edit", EVERYTHING)
    assert len(packed) < 5_000
    assert read_credentials(edit_photo(sealer, bytes(sealed)), "image/png", trust=None).codes == ()


def test_credentials_that_are_too_long_are_left_out(sealer: Sealer, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed, _ = sealer.seal(encoded_file(), "image/png", sample_claims())
    monkeypatch.setattr(ingredients, "MAX_BYTES", 10_000)
    (packed,) = pack_ingredients([sealed], "edit", EVERYTHING)
    assert len(packed) < 5_000


def test_all_inputs_together_have_one_limit(sealer: Sealer, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed, _ = sealer.seal(encoded_file(), "image/png", sample_claims())
    whole = len(pack_ingredients([sealed], "edit", EVERYTHING)[0])
    monkeypatch.setattr(ingredients, "MAX_BYTES_TOGETHER", round(2.5 * whole))
    packed = [len(each) for each in pack_ingredients([sealed] * 16, "edit", EVERYTHING)]
    assert min(packed[:2]) > whole / 2 and max(packed[2:]) < 5_000 < whole / 2


def test_a_task_that_makes_no_picture_packs_nothing() -> None:
    assert pack_ingredients([encoded_file()], "verify") == ()
