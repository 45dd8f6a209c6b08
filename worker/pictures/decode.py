"""From the bytes of a picture to float sRGB: upright, on white, in the precision it came in."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL.Image import Image

from functions.contract.errors import MaskMismatch
from functions.contract.pictures import MAX_PIXELS, PictureFacts, damage_typed, load, orientation

from .deep import deep_levels, is_deep
from .levels import Floats, Levels, plain
from .profile import cmyk_to_rgb, lab_to_rgb, to_srgb


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture.

    ``rgb`` is sRGB, float32 (height, width, 3) in 0–1, with what was transparent laid over white;
    ``alpha`` is float32 (height, width) in 0–1, or None where every pixel is opaque.
    """

    rgb: Floats
    alpha: Floats | None
    source_bit_depth: int

    @property
    def width(self) -> int:
        return self.rgb.shape[1]

    @property
    def height(self) -> int:
        return self.rgb.shape[0]


def decode(data: bytes, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """The picture as its author sees it: upright, in sRGB; of an animated one the first frame.

    Pictures of 16 bits a channel keep them; AVIF of 10 or 12 bits is read as 8.

    Raises:
        ImageUnreadable, ImageTooLarge, UnsupportedSize: as ``functions.contract.pictures.inspect`` does.
    """
    facts, image = load(data, max_pixels=max_pixels)
    with damage_typed():
        levels, alpha = _levels(data, facts, image)
        icc = image.info.get("icc_profile")
        rgb = to_srgb(levels, icc) if icc and image.mode not in ("CMYK", "LAB") else plain(levels)
        turn = orientation(image)
    if alpha is None or bool((alpha == 1).all()):
        return Picture(upright(rgb, turn), None, facts.bit_depth)
    rgb = rgb * alpha[..., None] + (1 - alpha[..., None])
    return Picture(upright(rgb, turn), upright(alpha, turn), facts.bit_depth)


def decode_mask(data: bytes, size: tuple[int, int], *, holes: bool = False) -> Floats:
    """A mask as float32 (height, width) in 0–1, where 1 says "change this".

    The mask is the alpha channel of a picture that is transparent anywhere (opaque: change), else its
    brightness (white: change). With ``holes`` the alpha is read the other way about, transparent: change,
    which is how OpenAI's image edits mean it.

    Args:
        data: the mask's bytes, in any format that ``decode`` takes.
        size: the picture's (width, height).

    Raises:
        MaskMismatch: the upright mask is not of ``size``.
        ImageUnreadable, ImageTooLarge, UnsupportedSize: as ``decode`` does.
    """
    mask = decode(data)
    if (mask.width, mask.height) != size:
        raise MaskMismatch(
            f"The mask is {mask.width}×{mask.height} pixels and the image {size[0]}×{size[1]}: "
            "send a mask of the image's size."
        )
    if mask.alpha is not None:
        return 1 - mask.alpha if holes else mask.alpha
    return cv2.cvtColor(mask.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32).clip(0, 1)


def upright(pixels: Floats, orientation: int) -> Floats:
    """An array (H, W[, C]) turned as EXIF's orientation says (CIPA DC-008, tag 0x0112)."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    # After the transposition 5 is upright, 6 wants its columns mirrored, 7 both, 8 its rows.
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _levels(data: bytes, facts: PictureFacts, image: Image) -> tuple[Levels, Floats | None]:
    """RGB levels (H, W, 3), not yet converted to sRGB unless they were CMYK or LAB, and the alpha."""
    if is_deep(facts, image):
        return deep_levels(data, facts, image)
    if image.mode in ("CMYK", "LAB"):
        return np.asarray(cmyk_to_rgb(image) if image.mode == "CMYK" else lab_to_rgb(image)), None
    if not facts.has_alpha:
        return np.asarray(image.convert("RGB")), None
    rgba: Levels = np.asarray(image.convert("RGBA"))
    return rgba[..., :3], plain(rgba[..., 3])
