"""The verdict distinguishes the changes that sharing makes, on real files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

from functions.contract.errors import ImageUnreadable
from functions.contract.pictures import PNG_SIGNATURE, png_chunks
from functions.contract.verification import VerificationFacts
from tests.unit.worker.credentials.signed_files import key_pem, new_chain, new_key
from tests.unit.worker.verification.delivered_files import (
    FORMATS,
    PAYLOAD,
    change_byte,
    change_pixel,
    delivered_file,
    photograph,
    remove_credentials,
    save_again,
    take_screenshot,
)
from worker.credentials.c2pa_toolkit import TrustAnchors
from worker.credentials.development_chain import development_signer
from worker.credentials.sealer import Sealer
from worker.credentials.signer import KeySigner
from worker.pictures.encode import encode_picture
from worker.pictures.png_writer import png_chunk
from worker.verification import Examiner, conclude_verdict
from worker.verification.picture_origin import PictureOrigin
from worker.watermark import WatermarkDetection, Watermarker
from worker.watermark.canonical_view import Pixels
from worker.watermark.detector import Effort

pytestmark = pytest.mark.slow

OURS = f"{PAYLOAD:016x}"


def verdict_on(examiner: Examiner, data: bytes) -> VerificationFacts:
    return conclude_verdict(examiner.examine(data))


@pytest.mark.parametrize("format", FORMATS)
def test_an_untouched_original_is_ours_and_proven_so(
    examiner: Examiner, marker: Watermarker, sealer: Sealer, format: str
) -> None:
    found = verdict_on(examiner, delivered_file(marker, sealer, format))
    assert (found.verdict, found.ours, found.altered) == ("untouched", True, "no")
    assert (found.payload, found.key_version) == (OURS, 3)
    assert found.confidence > 0.5
    assert (found.credentials.signature_valid, found.credentials.trusted) == (True, True)
    assert found.credentials.actions == ("c2pa.created", "c2pa.watermarked.bound")


def test_so_is_one_of_16_bits(examiner: Examiner, marker: Watermarker, sealer: Sealer) -> None:
    assert verdict_on(examiner, delivered_file(marker, sealer, bit_depth=16)).verdict == "untouched"


# A tampered byte. -------------------------------------------------------------------------------------


def test_a_byte_of_the_pixels_is_seen(examiner: Examiner, original: bytes) -> None:
    """The checksum reveals the change, and the pixels may not decode."""
    at = original.index(b"IDAT") + 5_000
    found = verdict_on(examiner, change_byte(original, at))
    assert (found.verdict, found.ours, found.altered) == ("tampered", True, "yes")


def test_a_pixel_changed_with_care_is_seen(examiner: Examiner, original: bytes) -> None:
    found = verdict_on(examiner, change_pixel(original))
    assert (found.verdict, found.ours, found.altered) == ("tampered", True, "yes")
    assert found.credentials.signature_valid is True


def test_a_byte_of_the_credentials_is_seen(examiner: Examiner, original: bytes) -> None:
    """The byte may be anywhere in them, and they may be unreadable then."""
    start = original.index(b"caBX")
    for at in range(start + 100, start + 4_000, 971):
        found = verdict_on(examiner, change_byte(original, at))
        assert (found.verdict, found.ours, found.altered) == ("tampered", True, "yes"), at


def test_a_byte_of_a_jpeg_is_seen(examiner: Examiner, marker: Watermarker, sealer: Sealer) -> None:
    data = delivered_file(marker, sealer, "jpeg")
    found = verdict_on(examiner, change_byte(data, len(data) - 2_000))
    assert (found.verdict, found.ours, found.altered) == ("tampered", True, "yes")


# A stripped manifest. ---------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["png", "jpeg"])
def test_a_file_without_its_credentials_is_ours_all_the_same(
    examiner: Examiner, marker: Watermarker, sealer: Sealer, format: str
) -> None:
    found = verdict_on(examiner, remove_credentials(delivered_file(marker, sealer, format)))
    assert (found.verdict, found.ours, found.altered) == ("stripped", True, "unknown")
    assert not found.credentials.present
    assert found.payload == OURS


def test_of_webp_the_file_alone_does_not_tell_more(examiner: Examiner, marker: Watermarker) -> None:
    found = verdict_on(examiner, delivered_file(marker, None, "webp"))
    assert (found.verdict, found.ours, found.altered) == ("unsigned", True, "unknown")


# A screenshot, written anew. --------------------------------------------------------------------------


@pytest.mark.parametrize(("format", "altered"), [("JPEG", "yes"), ("PNG", "unknown")])
def test_a_screenshot_is_a_copy(examiner: Examiner, original: bytes, format: str, altered: str) -> None:
    found = verdict_on(examiner, take_screenshot(original, format))
    assert (found.verdict, found.ours, found.altered) == ("copy", True, altered)
    assert found.payload == OURS


def test_saving_again_is_a_copy(examiner: Examiner, original: bytes) -> None:
    assert verdict_on(examiner, save_again(original, "JPEG")).verdict == "copy"
    assert verdict_on(examiner, save_again(original, "PNG")).verdict == "copy"


def test_a_mirrored_copy_says_so(examiner: Examiner, original: bytes) -> None:
    levels = np.asarray(Image.open(BytesIO(original)))[:, ::-1]
    found = verdict_on(examiner, encode_picture((levels / 255).astype(np.float32), "png"))
    assert (found.verdict, found.flipped, found.altered) == ("copy", True, "yes")


# A foreign picture. -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["chelsea.png", "astronaut.png", "coffee.png"])
def test_a_strangers_picture_is_not_ours(examiner: Examiner, name: str) -> None:
    found = verdict_on(examiner, encode_picture(photograph(name), "png"))
    assert (found.verdict, found.ours, found.altered) == ("foreign", False, "unknown")
    assert (found.payload, found.confidence) == (None, 0.0)


def test_another_plantains_picture_is_not_ours(tmp_path: Path, examiner: Examiner) -> None:
    """The key is not ours, and the signature is not trusted."""
    theirs = Sealer(development_signer(tmp_path / "credentials"))
    found = verdict_on(examiner, delivered_file(Watermarker(bytes(32), 1), theirs))
    assert (found.verdict, found.ours) == ("mismatched", False)
    assert found.credentials.trusted is False


def test_our_credentials_do_not_make_anothers_picture_ours(examiner: Examiner, original: bytes) -> None:
    """Our credentials are moved to another party's file."""
    (ours,) = [bytes(body) for name, body, _ in png_chunks(original) if name == b"caBX"]
    foreign = encode_picture(photograph("coffee.png"), "png")
    header = 8 + 25  # the signature and IHDR
    found = verdict_on(examiner, foreign[:header] + png_chunk(b"caBX", ours) + foreign[header:])
    assert (found.verdict, found.ours, found.altered) == ("mismatched", False, "yes")


def test_another_signers_signature_over_our_picture_is_reported(
    tmp_path: Path, examiner: Examiner, marker: Watermarker
) -> None:
    found = verdict_on(examiner, delivered_file(marker, Sealer(development_signer(tmp_path / "credentials"))))
    assert (found.verdict, found.ours, found.altered) == ("resigned", True, "unknown")


@pytest.mark.parametrize(("marked", "expected"), [(True, ("resigned", True)), (False, ("mismatched", False))])
def test_another_customer_of_our_authority_cannot_sign_for_us(
    marker: Watermarker, marked: bool, expected: tuple[str, bool]
) -> None:
    root_key = ec.generate_private_key(ec.SECP256R1())
    key = new_key("p256")
    theirs, root = new_chain(key, organization="Mallory Ltd", root_key=root_key)
    trust = TrustAnchors(root, frozenset({"Acme"}))
    sealer = Sealer(KeySigner(theirs, key_pem(key)))
    reader = marker if marked else Watermarker(bytes(32), 1)
    found = verdict_on(Examiner([reader], trust), delivered_file(marker, sealer))
    assert found.credentials.trusted
    assert (found.verdict, found.ours, found.altered, found.payload) == (
        *expected,
        "unknown",
        OURS if marked else None,
    )


def test_other_pixels_than_were_delivered_are_no_original_for_any_signer(
    examiner: Examiner, original: bytes
) -> None:
    known = PictureOrigin("job_x", 0, is_askers=True, same_file=False, same_pixels=False)
    found = conclude_verdict(examiner.examine(original), known)
    assert (found.verdict, found.ours, found.altered) == ("tampered", True, "yes")


def test_the_letters_of_a_box_are_no_credentials(examiner: Examiner, original: bytes) -> None:
    bare = remove_credentials(original)
    header = len(PNG_SIGNATURE) + 25
    noted = bare[:header] + png_chunk(b"tEXt", b"Comment\0jumb") + bare[header:]
    assert verdict_on(examiner, noted).verdict == verdict_on(examiner, bare).verdict == "stripped"


def test_what_is_no_picture_is_refused(examiner: Examiner) -> None:
    with pytest.raises(ImageUnreadable):
        examiner.examine(b"%PDF-1.7")
    with pytest.raises(ImageUnreadable):
        examiner.examine(b"")


# Keys. ------------------------------------------------------------------------------------------------


class PresentKey(Watermarker):
    """Records how thoroughly it was asked to look."""

    def __init__(self) -> None:
        super().__init__(bytes(32), 4)
        self.efforts: list[Effort] = []

    def detect(self, rgb: Pixels, effort: Effort = "search") -> WatermarkDetection:
        self.efforts.append(effort)
        return super().detect(rgb, effort)


def test_a_picture_of_a_retired_key_is_still_ours_and_found_without_a_search(
    trust: TrustAnchors | None, marker: Watermarker, original: bytes
) -> None:
    present = PresentKey()
    found = conclude_verdict(Examiner([present, marker], trust).examine(remove_credentials(original)))
    assert (found.ours, found.key_version) == (True, 3)
    assert present.efforts == ["whole"]


def test_with_several_keys_a_piece_is_searched_for_too(marker: Watermarker, original: bytes) -> None:
    levels = np.asarray(Image.open(BytesIO(original)))[40:400, 70:430]
    piece = encode_picture((levels / 255).astype(np.float32), "png")
    found = conclude_verdict(Examiner([marker, Watermarker(bytes(32), 4)], trust=None).examine(piece))
    assert (found.ours, found.key_version, found.payload) == (True, 3, OURS)


def test_without_the_key_a_trusted_signature_is_enough(trust: TrustAnchors | None, original: bytes) -> None:
    others = Examiner([Watermarker(bytes(32), 1)], trust)
    found = conclude_verdict(others.examine(original))
    assert (found.verdict, found.ours, found.payload) == ("untouched", True, OURS)
    assert not conclude_verdict(others.examine(remove_credentials(original))).ours


def test_without_roots_the_mark_says_whose_it_is_and_no_more(marker: Watermarker, original: bytes) -> None:
    found = conclude_verdict(Examiner([marker], trust=None).examine(original))
    assert (found.verdict, found.ours, found.credentials.trusted) == ("resigned", True, None)
    assert found.altered == "unknown"
    nothing_known = conclude_verdict(Examiner([Watermarker(bytes(32), 1)], trust=None).examine(original))
    assert (nothing_known.verdict, nothing_known.ours) == ("mismatched", False)
