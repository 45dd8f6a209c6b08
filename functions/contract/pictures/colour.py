"""Colours by code, as PNG's cICP and the nclx of AVIF and HEIC give them. ITU-T H.273, tables 2 and 3."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import ImageUnreadable

UNSPECIFIED = 2
# Those whose white and primaries are known here. 1, 5, 6 and 7 are so near to sRGB's that only
# worker/pictures/coded_colour.py distinguishes them.
ADOBE = 256  # our own code: H.273 has none for Adobe RGB's primaries, and no file can contain this one
PRIMARIES = frozenset({1, UNSPECIFIED, 4, 5, 6, 7, 9, 11, 12, 22, ADOBE})
LINEAR, PQ, HLG = 8, 16, 18
# 1, 6, 14 and 15 are cameras' curves, made for a screen like sRGB's: such files are shown as sRGB everywhere.
TRANSFERS = frozenset({1, UNSPECIFIED, 4, 5, 6, 7, LINEAR, 13, 14, 15})


@dataclass(frozen=True)
class CodedColour:
    """Primaries and transfer by their codes."""

    primaries: int
    transfer: int


@dataclass(frozen=True)
class PngColour:
    """A PNG's gAMA and cHRM: the exponent times 100,000, and x and y of white, red, green and blue, times
    100,000.
    """

    gamma: int | None
    chromaticities: tuple[int, ...] | None


Colour = CodedColour | PngColour
ADOBE_RGB = CodedColour(ADOBE, 4)


def check_colour(colour: Colour | None) -> None:
    """Raises ImageUnreadable for colours that an sRGB screen cannot show correctly."""
    if not isinstance(colour, CodedColour):
        return
    if colour.transfer in (PQ, HLG):
        name = "PQ" if colour.transfer == PQ else "HLG"
        raise ImageUnreadable(f"The image is HDR ({name}): save it for a standard screen, as sRGB or P3.")
    if colour.primaries not in PRIMARIES or colour.transfer not in TRANSFERS:
        raise ImageUnreadable("The image's colours are coded in a way that is not taken: save it as sRGB.")


def png_colour(parts: dict[bytes, bytes]) -> Colour | None:
    """Returns a PNG's colours beside a profile: cICP comes before iCCP, sRGB before gAMA and cHRM.

    Raises ImageUnreadable for a cICP that no RGB picture can have.
    """
    if len(coded := parts.get(b"cICP", b"")) == 4:
        if coded[2] != 0 or coded[3] != 1:
            raise ImageUnreadable("The PNG's cICP says that it is no full-range RGB: save it as sRGB.")
        return CodedColour(coded[0], coded[1])
    if b"iCCP" in parts or b"sRGB" in parts:
        return None
    gamma, chroma = parts.get(b"gAMA", b""), parts.get(b"cHRM", b"")
    found = PngColour(
        int.from_bytes(gamma) or None if len(gamma) == 4 else None,
        tuple(int.from_bytes(chroma[at : at + 4]) for at in range(0, 32, 4)) if len(chroma) == 32 else None,
    )
    return found if found.gamma or found.chromaticities else None
