"""Ingredients: any picture that Plantain takes can be one, and its credentials come along while they fit."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.unit.worker.credentials.making import file, picture, said
from worker.credentials import ingredient
from worker.credentials.ingredient import pack_ingredient, pack_ingredients
from worker.credentials.reader import read_credentials
from worker.credentials.sealer import Sealer


def saved(format: str) -> bytes:
    out = BytesIO()
    Image.fromarray((picture() * 255).astype(np.uint8)).save(out, format)
    return out.getvalue()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "AVIF", "GIF", "TIFF", "BMP"])
def test_every_format_that_is_taken_can_be_a_parent(sealer: Sealer, format: str) -> None:
    packed = pack_ingredients([saved(format)], "edit")
    sealed, _ = sealer.seal(file(), "image/png", said(task="edit", ingredients=1), packed)
    assert read_credentials(sealed, "image/png", trust=None).codes == ()


def test_a_pack_has_no_pixels() -> None:
    data = file("png", 16)
    assert len(pack_ingredient(data, 0, parent=True)) < len(data) / 2


def test_damaged_credentials_are_left_out(sealer: Sealer) -> None:
    sealed = bytearray(sealer.seal(file("jpeg"), "image/jpeg", said("image/jpeg"))[0])
    sealed[sealed.index(b"c2pa.actions.v2") + 40] ^= 0xFF
    (packed,) = pack_ingredients([bytes(sealed)], "edit")
    assert len(packed) < 5_000
    again, _ = sealer.seal(file(), "image/png", said(task="edit", ingredients=1), [packed])
    assert read_credentials(again, "image/png", trust=None).codes == ()


def test_credentials_that_are_too_long_are_left_out(sealer: Sealer, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed, _ = sealer.seal(file(), "image/png", said())
    monkeypatch.setattr(ingredient, "MAX_BYTES", 10_000)
    (packed,) = pack_ingredients([sealed], "edit")
    assert len(packed) < 5_000


def test_a_task_that_makes_no_picture_packs_nothing() -> None:
    assert pack_ingredients([file()], "verify") == ()
