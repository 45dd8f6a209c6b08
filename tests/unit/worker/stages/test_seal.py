"""The seal: the file that was asked for, signed; and marked as made by a machine where it is not signed."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from functions.contract.errors import CredentialsFailed
from functions.contract.manifest import WatermarkFacts
from tests.unit.worker.stages.making import noise, work
from worker.credentials.certificate_chain import CertificateChain
from worker.credentials.credentials_reader import read_credentials
from worker.credentials.development_chain import development_signer
from worker.credentials.digital_source_types import COMPOSITE, GENERATED
from worker.credentials.ingredients import pack_ingredients
from worker.credentials.sealer import Sealer
from worker.pictures.encode import encode_picture
from worker.stages.seal import seal
from worker.stages.work import PictureInProgress, Work

MARK = WatermarkFacts(
    scheme="plantain-1", payload="00000000000000ff", key_version=2, score=1.0, survives=("none",)
)


@pytest.fixture(scope="module")
def sealer(tmp_path_factory: pytest.TempPathFactory) -> Sealer:
    return Sealer(development_signer(tmp_path_factory.mktemp("keys") / "credentials"))


def drawn(count: int = 1, **request: Any) -> Work:
    job = work(64, 64, count=count, **request)
    job.pictures = [
        PictureInProgress(n=n, seed=n, rgb=cv2.resize(noise(8, 8, n), (64, 64)), watermark=MARK)
        for n in range(count)
    ]
    return job


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "avif"])
def test_every_picture_is_signed(sealer: Sealer, format: str) -> None:
    for picture in seal(drawn(2, format=format), sealer).pictures:
        found = read_credentials(picture.data, f"image/{format}", trust=None)
        assert found.signature_valid
        assert not found.altered
        assert picture.credentials is not None
        assert picture.credentials.manifest == found.label
        assert found.soft_binding is not None
        assert found.soft_binding.payload == MARK.payload


def test_sixteen_bits_are_signed_as_sixteen_bits(sealer: Sealer) -> None:
    job = seal(drawn(bit_depth=16), sealer)
    levels = cv2.imdecode(np.frombuffer(job.pictures[0].data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert levels is not None
    assert levels.dtype == np.uint16


def test_an_edit_says_who_signed_its_input(sealer: Sealer) -> None:
    before = seal(drawn(), sealer).pictures[0]
    job = drawn(task="edit", images=[{"uri": "gs://bucket/name"}])
    job.ingredients = pack_ingredients([before.data], "edit")
    after = seal(job, sealer).pictures[0]
    assert after.credentials is not None
    assert after.credentials.actions == ("c2pa.opened", "c2pa.edited", "c2pa.watermarked.bound")
    assert hashlib.sha256(before.data).hexdigest().encode() in after.data
    assert before.credentials is not None
    assert before.credentials.manifest.encode() not in after.data  # whose it is was not asked here
    assert COMPOSITE.encode() in Image.open(BytesIO(after.data)).info["xmp"]


def test_a_visible_mark_is_told_of(sealer: Sealer) -> None:
    picture = seal(drawn(visible_mark=True), sealer).pictures[0]
    assert picture.credentials is not None
    assert "c2pa.watermarked.unbound" in picture.credentials.actions


def test_without_a_sealer_the_source_type_is_said_all_the_same() -> None:
    picture = seal(drawn(), None).pictures[0]
    assert picture.credentials is None
    assert not read_credentials(picture.data, "image/png", trust=None).present
    assert GENERATED.encode() in Image.open(BytesIO(picture.data)).info["xmp"]


def test_a_picture_that_cannot_be_signed_does_not_leave(tmp_path: Path) -> None:
    class Refusing:
        def __init__(self, chain: CertificateChain) -> None:
            self.chain, self.algorithm = chain, chain.algorithm

        def sign(self, data: bytes) -> bytes:
            raise CredentialsFailed("The key was disabled.")

    refusing = Sealer(Refusing(development_signer(tmp_path / "credentials").chain))
    with pytest.raises(CredentialsFailed, match="disabled"):
        seal(drawn(), refusing)


def test_the_same_picture_encodes_to_the_same_pixels(sealer: Sealer) -> None:
    """Signatures differ from one another, and what they sign must not."""
    first, second = (seal(drawn(), sealer).pictures[0].data for _ in range(2))
    assert first != second
    assert (np.asarray(Image.open(BytesIO(first))) == np.asarray(Image.open(BytesIO(second)))).all()
    plain = np.asarray(Image.open(BytesIO(encode_picture(drawn().pictures[0].rgb, "png"))))
    assert (np.asarray(Image.open(BytesIO(first))) == plain).all()
