"""A photo from a camera or a phone, with private data in every possible place of the file."""

from __future__ import annotations

import contextlib
import zlib
from io import BytesIO
from typing import Any

import c2pa
import numpy as np
import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin

from tests.unit.worker.credentials.signed_files import key_pem, new_chain, new_key, smooth_picture
from worker.credentials.c2pa_toolkit import toolkit_context
from worker.credentials.signer import KeySigner

SIGNER = "Lumen Cameras"
SECRETS = (
    "48,51.5021N",
    "SERIAL-7741902",
    "IMG_holiday_with_ann.jpg",
    "Ann-Example-Person",
    "THUMBNAIL-OF-THE-UNEDITED",
    "Rue-Secrete-12",
    "xmp.did:private-document-id",
    "xmp.iid:private-instance-id",
    "Lumen Firmware 9.9.1-unit-7741902",
    "COMMENT-of-Ann",
    "PROFILE-of-Ann",
    "IPTC-byline-of-Ann",
    "com.annexample.action",
)
"""The JPEG of ``private_photo`` holds all of them, other formats most; none may be in a result."""

FORMATS = ("jpeg", "png", "webp", "avif", "tiff", "heic")


def private_photo(format: str = "jpeg", *, nested: bytes | None = None) -> bytes:
    """Returns a file with EXIF, XMP, a colour profile, comments, and a signed manifest store.

    ``nested``: an earlier file (JPEG) that its credentials name as their parent.
    """
    return sign_photo(unsigned_photo(format), f"image/{format}", nested)


def unsigned_photo(format: str) -> bytes:
    """Returns the same without the manifest store."""
    image = Image.fromarray((smooth_picture() * 255).astype(np.uint8))
    out = BytesIO()
    if format == "heic":
        image.info |= {"exif": _private_exif(), "xmp": _XMP.encode(), "icc_profile": _private_profile()}
        pillow_heif.from_pillow(image).save(out)
        return out.getvalue()
    image.save(out, format, exif=_private_exif(), icc_profile=_private_profile(), **_own_fields(format))
    written = out.getvalue()
    return written[:2] + _private_iptc() + written[2:] if format == "jpeg" else written


def sign_photo(data: bytes, content_type: str, nested: bytes | None = None) -> bytes:
    key = new_key("p256")
    chain, _ = new_chain(key, organization=SIGNER)
    signer = KeySigner(chain, key_pem(key))
    manifest = {
        "claim_generator_info": [{"name": "Lumen Firmware 9.9.1-unit-7741902"}],
        "title": "IMG_holiday_with_ann.jpg",
        "thumbnail": {"format": "image/jpeg", "identifier": "thumbnail"},
        "assertions": [
            {
                "label": "c2pa.actions",
                "data": {
                    "actions": [
                        {
                            "action": "c2pa.opened" if nested else "c2pa.created",
                            "softwareAgent": "SERIAL-7741902",
                            "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
                            **({"parameters": {"ingredientIds": ["before"]}} if nested else {}),
                        },
                        {"action": "com.annexample.action", "parameters": {"by": "Ann-Example-Person"}},
                    ]
                },
            },
            {
                "label": "stds.exif",
                "data": {
                    "@context": {"exif": "http://ns.adobe.com/exif/1.0/"},
                    "exif:GPSLatitude": "48,51.5021N",
                    "exif:BodySerialNumber": "SERIAL-7741902",
                    "place": "Rue-Secrete-12",
                },
            },
        ],
    }
    sealed = BytesIO()
    with (
        c2pa.Builder(manifest, toolkit_context()) as builder,
        c2pa.Signer.from_callback(signer.sign, signer.algorithm, chain.pem, None) as by,
    ):
        builder.add_resource("thumbnail", BytesIO(b"\xff\xd8THUMBNAIL-OF-THE-UNEDITED\xff\xd9"))
        if nested:
            about = {"title": "IMG_holiday_with_ann.jpg", "relationship": "parentOf", "label": "before"}
            builder.add_ingredient(about, "image/jpeg", BytesIO(nested))
        builder.sign(by, content_type, BytesIO(data), sealed)
    return sealed.getvalue()


def secrets_in(data: bytes) -> list[str]:
    """Returns the secrets in a file's bytes, in UTF-8 or UTF-16, compressed by zlib or not."""
    places = [data, *_inflated_streams(data)]
    return [each for each in SECRETS if any(_names_secret(each, place) for place in places)]


def _names_secret(secret: str, place: bytes) -> bool:
    return any(secret.encode(code) in place for code in ("utf-8", "utf-16-le", "utf-16-be"))


def _inflated_streams(data: bytes) -> list[bytes]:
    found: list[bytes] = []
    at = data.find(b"\x78")
    while at >= 0:
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompressobj().decompress(data[at:], 1 << 18))
        at = data.find(b"\x78", at + 1)
    return found


def _private_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "IMG_holiday_with_ann.jpg"  # ImageDescription
    exif[0x013B] = "Ann-Example-Person"  # Artist
    exif[0xA431] = "SERIAL-7741902"  # BodySerialNumber
    exif.get_ifd(0x8825)[0x001D] = "48,51.5021N"
    return exif.tobytes()


_XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:City="Rue-Secrete-12"
 xmpMM:DocumentID="xmp.did:private-document-id" xmpMM:InstanceID="xmp.iid:private-instance-id"/>
</rdf:RDF></x:xmpmeta>"""


def _private_profile() -> bytes:
    """Returns an sRGB profile under another name of the same length."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    name = "sRGB built-in".encode("utf-16-be")
    assert name in plain
    return plain.replace(name, "PROFILE-of-An".encode("utf-16-be")) + b"PROFILE-of-Ann"


def _own_fields(format: str) -> dict[str, Any]:
    if format == "png":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", "COMMENT-of-Ann")
        text.add_text("Copyright", "IPTC-byline-of-Ann", zip=True)
        text.add_itxt("XML:com.adobe.xmp", _XMP)
        return {"pnginfo": text}
    if format == "tiff":
        return {"tiffinfo": {700: _XMP.encode(), 270: "COMMENT-of-Ann"}}
    return {"xmp": _XMP.encode()} | ({"comment": b"COMMENT-of-Ann"} if format == "jpeg" else {})


def _private_iptc() -> bytes:
    """Returns an APP13 segment with a by-line (IPTC IIM 2:80), as Photoshop writes it."""
    author = b"IPTC-byline-of-Ann"
    record = b"\x1c\x02\x50" + len(author).to_bytes(2) + author
    block = b"8BIM\x04\x04\x00\x00" + len(record).to_bytes(4) + record + b"\0" * (len(record) % 2)
    body = b"Photoshop 3.0\0" + block
    return b"\xff\xed" + (len(body) + 2).to_bytes(2) + body
