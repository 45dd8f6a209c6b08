"""The format of a picture or video, by its first bytes."""

from __future__ import annotations

from .png import PNG_SIGNATURE

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_AVIF_BRANDS = (b"avif", b"avis")
_MP4_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"avc1", b"mp41", b"mp42", b"M4V ")


def format_of(data: bytes) -> str | None:
    """Returns the format by the first bytes: png, jpeg, webp, avif, heic, gif, tiff, bmp, or mp4
    for a video; None for any other.
    """
    starts = {PNG_SIGNATURE: "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"BM": "bmp"}
    starts |= dict.fromkeys((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "tiff")
    for start, name in starts.items():
        if data.startswith(start):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        length = min(int.from_bytes(data[:4]), 512)
        brands = [data[8:12], *(data[at : at + 4] for at in range(16, length, 4))]
        if any(brand in _AVIF_BRANDS for brand in brands):
            return "avif"
        if any(brand in _HEIC_BRANDS for brand in brands):
            return "heic"
        if any(brand in _MP4_BRANDS for brand in brands):
            return "mp4"
    return None
