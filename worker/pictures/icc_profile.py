"""ICC profiles: conversions from other colour spaces to sRGB, which keep 16 bits.

Matrix and grey profiles are computed here in float, because Pillow's colour management works on 8 bits.
Pillow converts the others (CMYK, tables). ICC.1:2022, https://www.color.org/specification/ICC.1-2022-05.pdf.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from worker.pictures.pixel_levels import Floats, Levels, levels_to_floats

# sRGB's primaries as seen under the profile connection space's white, D50 (columns: red, green, blue).
SRGB_TO_XYZ = np.array(
    [[0.4360657, 0.3851515, 0.1430784], [0.2224932, 0.7168870, 0.0606169], [0.0139160, 0.0970764, 0.7140961]]
)
HALF_A_LEVEL = 0.5 / 255


class UnknownProfile(ValueError):
    """The profile is damaged, or of a kind that is not computed here."""


def convert_to_srgb(levels: Levels, icc: bytes, *, is_grey: bool = False) -> Floats:
    """Converts levels (H, W, 3) of the profile's space to sRGB floats (H, W, 3) in 0–1, clipped to the gamut.

    See ``profile_conversion``.
    """
    return profile_conversion(icc, levels.dtype, is_grey=is_grey)(levels)


def profile_conversion(icc: bytes, kind: np.dtype[Any], *, is_grey: bool) -> Callable[[Levels], Floats]:
    """Returns the conversion of RGB levels (H, W, 3) of the type ``kind`` to sRGB floats in 0–1.

    An unusable profile is ignored, as in browsers: the pixels count as sRGB. The same holds for a grey
    profile of a picture that is not ``is_grey``.
    """
    try:
        profile = MatrixProfile(icc)
        if (profile.is_grey and not is_grey) or profile.is_srgb():
            return levels_to_floats
        return profile.convert
    except (UnknownProfile, struct.error):
        return _managed_conversion(icc, kind, is_grey=is_grey)


def cmyk_conversion(icc: bytes | None) -> Callable[[Image.Image], Image.Image]:
    """Returns the conversion of a CMYK picture to sRGB, by its own profile if that is usable."""
    managed = _build_transform(icc, "CMYK") if icc else None
    if managed is None:
        return lambda picture: picture.convert("RGB")
    return lambda picture: _apply_transform(picture, managed)


def lab_conversion() -> Callable[[Image.Image], Image.Image]:
    """Returns the conversion of a CIELAB picture (TIFF) to sRGB."""
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    managed = ImageCms.buildTransform(lab, srgb, "LAB", "RGB")
    return lambda picture: _apply_transform(picture, managed)


def _managed_conversion(icc: bytes, kind: np.dtype[Any], *, is_grey: bool) -> Callable[[Levels], Floats]:
    transform = _build_transform(icc, "RGB")
    of_grey = _build_transform(icc, "L") if transform is None and is_grey else None
    transform = transform or of_grey
    if transform is None:
        return levels_to_floats

    def convert(levels: Levels) -> Floats:
        eight = levels if kind == np.uint8 else np.rint(levels / 257).astype(np.uint8)
        if of_grey is not None:
            eight = eight[..., 0]
        return levels_to_floats(
            np.asarray(_apply_transform(Image.fromarray(np.ascontiguousarray(eight)), transform))
        )

    return convert


def _build_transform(icc: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Returns Pillow's transform from the profile to sRGB, or None if it does not fit these pixels."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(icc))
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _apply_transform(picture: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    return ImageCms.applyTransform(picture, transform) or picture


class MatrixProfile:
    """A profile of one curve per channel and a matrix. Raises UnknownProfile for any other."""

    def __init__(self, icc: bytes) -> None:
        self.tags = _read_tags(icc)
        space = icc[16:20]
        if space not in (b"RGB ", b"GRAY") or b"A2B0" in self.tags:
            raise UnknownProfile("The profile is not made of curves and a matrix.")
        self.is_grey = space == b"GRAY"
        self._is_lightness = self.is_grey and icc[20:24] == b"Lab "
        self.names = [b"kTRC"] * 3 if space == b"GRAY" else [b"rTRC", b"gTRC", b"bTRC"]
        self.matrix = np.eye(3) if space == b"GRAY" else np.linalg.inv(SRGB_TO_XYZ) @ self._colorants()

    def convert(self, levels: Levels) -> Floats:
        """Converts levels (H, W, 3) to sRGB floats in 0–1."""
        steps = np.linspace(0, 1, int(np.iinfo(levels.dtype).max) + 1)
        curves = [
            self._linear_light(evaluate_curve(self._tag_data(name), steps)).astype(np.float32)
            for name in self.names
        ]
        light = np.stack([table[levels[..., i]] for i, table in enumerate(curves)], axis=-1)
        return linear_to_srgb(light @ self.matrix.T.astype(np.float32))

    def _linear_light(self, curved: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Returns linear light; with CIELAB as connection space a grey curve gives L* (0–1 for 0–100)."""
        if not self._is_lightness:
            return curved
        return np.where(curved > 0.08, ((curved + 0.16) / 1.16) ** 3, curved * 100 / 903.2963)

    def is_srgb(self) -> bool:
        """Returns True if the profile is sRGB: no colour of a coarse grid changes by half a level."""
        axis = np.arange(0, 256, 51, dtype=np.uint8)
        grid = np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(1, -1, 3)
        return bool(np.abs(self.convert(grid) - levels_to_floats(grid)).max() < HALF_A_LEVEL)

    def _colorants(self) -> npt.NDArray[np.float64]:
        columns = [struct.unpack_from(">3i", self._tag_data(name), 8) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
        return np.array(columns).T / 65536

    def _tag_data(self, name: bytes) -> bytes:
        if name not in self.tags:
            raise UnknownProfile(f"The profile has no {name.decode()}.")
        return self.tags[name]


def _read_tags(icc: bytes) -> dict[bytes, bytes]:
    count = struct.unpack_from(">I", icc, 128)[0]
    if count > 100:
        raise UnknownProfile("The profile's table of tags is damaged.")
    entries = [struct.unpack_from(">4sII", icc, 132 + 12 * i) for i in range(count)]
    return {name: icc[start : start + size] for name, start, size in entries}


def evaluate_curve(tag: bytes, steps: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Evaluates a ``curv`` or ``para`` tag: returns linear light at ``steps`` (0–1)."""
    if tag[:4] == b"para":
        return np.clip(_evaluate_parametric(tag, steps), 0, 1)
    if tag[:4] != b"curv":
        raise UnknownProfile("The profile's curve is of an unknown kind.")
    count = struct.unpack_from(">I", tag, 8)[0]
    if count == 0:
        return steps
    points = np.array(struct.unpack_from(f">{count}H", tag, 12), np.float64)
    if count == 1:
        return steps ** (points[0] / 256)
    return np.interp(steps, np.linspace(0, 1, count), points / 65535)


def _evaluate_parametric(tag: bytes, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    kind = struct.unpack_from(">H", tag, 8)[0]
    if kind > 4:
        raise UnknownProfile("The profile's parametric curve is of an unknown kind.")
    count = (1, 3, 4, 5, 7)[kind]
    given = [value / 65536 for value in struct.unpack_from(f">{count}i", tag, 12)]
    g, a, b, c, d, e, f = given + [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0][count:]
    if kind in (1, 2):  # these two are flat below the point where the power's base is 0
        if a == 0:
            raise UnknownProfile("The profile's parametric curve is flat.")
        c, d, e, f = 0.0, -b / a, (c if kind == 2 else 0.0), (c if kind == 2 else 0.0)
    power = np.maximum(a * x + b, 0) ** g + e
    return np.where(x >= d, power, c * x + f)


def linear_to_srgb(light: Floats) -> Floats:
    """Converts linear light to sRGB in 0–1 (IEC 61966-2-1)."""
    light = np.clip(light, 0, 1)
    power = np.float32(1.055) * light ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.where(light <= np.float32(0.0031308), np.float32(12.92) * light, power)
