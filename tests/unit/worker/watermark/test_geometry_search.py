"""A mark is found after changes of the picture's geometry."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from worker.pictures.pixel_levels import levels_to_floats, quantize
from worker.watermark import Watermarker
from worker.watermark.candidate_geometries import geometry_grid, likely_geometries
from worker.watermark.canonical_view import to_canonical_view
from worker.watermark.carriers import TILE, derive_carriers
from worker.watermark.geometry_search import offset_peaks, search_geometries, straighten_view
from worker.watermark.jpeg_round_trip import round_trip_jpeg

pytestmark = pytest.mark.slow

Pixels = npt.NDArray[np.float32]

KEY = bytes(range(32))
PAYLOAD = 0xFEDCBA9876543210


@pytest.fixture(scope="module")
def marked(marker: Watermarker, photograph: Callable[..., Pixels]) -> Pixels:
    return marker.embed(photograph("coffee"), PAYLOAD)


def rotate(rgb: Pixels, degrees: float) -> Pixels:
    height, width = rgb.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(rgb, turn, (width, height), flags=cv2.INTER_CUBIC), np.float32)


def stretch(rgb: Pixels, across: float, down: float) -> Pixels:
    size = (round(rgb.shape[1] * across), round(rgb.shape[0] * down))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC), np.float32)


def in_a_window(rgb: Pixels) -> Pixels:
    small = quantize(stretch(rgb, 0.73, 0.73), 8)
    screen = np.full((round(small.shape[0] * 1.3), round(small.shape[1] * 1.25), 3), 240, np.uint8)
    screen[40 : 40 + small.shape[0], 51 : 51 + small.shape[1]] = small
    return levels_to_floats(round_trip_jpeg(screen, 80))


@pytest.mark.parametrize("degrees", [-10, -3.3, 0.7, 5, 8.1])
def test_a_rotated_picture_is_read(degrees: float, marker: Watermarker, marked: Pixels) -> None:
    assert marker.detect(rotate(marked, degrees)).payload == PAYLOAD


@pytest.mark.parametrize(("across", "down"), [(1.1, 1), (0.9, 1), (1, 1.07), (1, 0.91)])
def test_a_stretched_picture_is_read(across: float, down: float, marker: Watermarker, marked: Pixels) -> None:
    assert marker.detect(stretch(marked, across, down)).payload == PAYLOAD


def test_a_piece_that_was_scaled_is_read(marker: Watermarker, marked: Pixels) -> None:
    piece = marked[77 : 77 + 362, 190 : 190 + 480]
    assert marker.detect(stretch(piece, 1.37, 1.37)).payload == PAYLOAD


def test_a_screenshot_is_read(marker: Watermarker, marked: Pixels) -> None:
    assert marker.detect(in_a_window(marked)).payload == PAYLOAD


def test_a_mirrored_piece_that_was_rotated_is_read_and_known_to_be_mirrored(
    marker: Watermarker, marked: Pixels
) -> None:
    found = marker.detect(rotate(np.ascontiguousarray(marked[:, ::-1]), 4)[60:450, 60:640])
    assert found.payload == PAYLOAD
    assert found.flipped


def test_the_likeliest_candidate_is_the_geometry(marked: Pixels) -> None:
    first = search_geometries(to_canonical_view(rotate(marked, 5)), derive_carriers(KEY))[0]
    (down, across), (back, on) = first.matrix
    angle = np.rad2deg(np.arctan2(across - back, down + on))
    assert abs(angle) == pytest.approx(5, abs=0.1)
    assert np.sqrt(abs(np.linalg.det(first.matrix))) == pytest.approx(1, abs=0.003)


def test_each_of_several_geometries_has_its_own_offset() -> None:
    carriers, offsets = derive_carriers(KEY), np.array([(0, 6), (130, 22), (254, 200)])
    pilots = np.exp(2j * np.pi / TILE * (offsets @ carriers.pilots.T)).astype(np.complex64)
    peaks, begins = offset_peaks(pilots, carriers)
    np.testing.assert_array_equal(begins, offsets)
    np.testing.assert_allclose(peaks, np.sqrt(2 * len(carriers.pilots)), rtol=1e-4)


def test_what_was_not_changed_is_straight_already(marked: Pixels) -> None:
    luma = to_canonical_view(marked)
    np.testing.assert_allclose(straighten_view(luma, np.eye(2)), luma, atol=1e-3)


def test_a_matrix_takes_the_marks_frequencies_to_the_views() -> None:
    rows, columns = np.mgrid[0:300, 0:400]
    waves = 128 + 100 * np.cos(2 * np.pi * (0.05 * 1.2 * rows + 0.03 * 0.8 * columns))
    straight = straighten_view(waves, np.diag([1.2, 0.8]))
    assert straight.shape == (360, 320)
    spectrum = np.abs(np.fft.rfft2((straight - straight.mean())[:300, :300]))
    row, column = np.unravel_index(spectrum.argmax(), spectrum.shape)
    assert (min(row, 300 - row), column) == (15, 9)


@pytest.mark.parametrize("ratio", [1.0, 0.42, 1.78])
def test_geometries_are_sane(ratio: float) -> None:
    for matrices in (geometry_grid(), likely_geometries(ratio)):
        scales = np.sqrt(np.abs(np.linalg.det(matrices)))
        assert np.isfinite(scales).all()
        assert scales.min() > 0.25
        assert scales.max() < 2.6
        assert 0.4 < np.mean(np.linalg.det(matrices) < 0) < 0.6
