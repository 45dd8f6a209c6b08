"""The XMP packet of a clip, as programs that do not read C2PA find it."""

from __future__ import annotations

import struct

# The box type of XMP in files of ISO/IEC 14496-12 (XMP specification, part 3, 1.1.5 "MPEG-4").
_XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_XMP_FLAG = 0x04  # of the VP8X chunk: https://developers.google.com/speed/webp/docs/riff_container
_FLAGS_AT = 20  # behind "RIFF", its size, "WEBP", "VP8X" and that chunk's size


def embed_xmp(data: bytes, format: str, xmp: bytes) -> bytes:
    """Returns an MP4 or an animated WebP of ours, without metadata so far, with an XMP packet at its end."""
    if format == "mp4":
        return data + struct.pack(">I4s", 24 + len(xmp), b"uuid") + _XMP_BOX + xmp
    chunk = b"XMP " + struct.pack("<I", len(xmp)) + xmp + b"\0" * (len(xmp) % 2)
    head, flags, body = data[8:_FLAGS_AT], data[_FLAGS_AT] | _XMP_FLAG, data[_FLAGS_AT + 1 :] + chunk
    rest = head + bytes([flags]) + body
    return b"RIFF" + struct.pack("<I", len(rest)) + rest
