"""The payload is decoded through a bad channel, or rejected."""

from __future__ import annotations

import numpy as np
import pytest

from worker.watermark.convolutional_code import (
    CODE_BITS,
    MESSAGE_BITS,
    are_likeliest,
    decode_groups,
    decode_soft_bits,
    encode_payload,
    error_event_bands,
    error_events,
)

pytestmark = pytest.mark.slow

SCRAMBLE = np.random.default_rng(1).integers(0, 2, MESSAGE_BITS).astype(np.uint8)


@pytest.mark.parametrize("payload", [0, 1, 0x0123456789ABCDEF, 2**64 - 1])
def test_a_payload_comes_back(payload: int) -> None:
    code = encode_payload(payload, SCRAMBLE)
    assert code.shape == (CODE_BITS,)
    assert set(np.unique(code)) <= {-1.0, 1.0}
    assert decode_soft_bits(code[None], SCRAMBLE) == [payload]


def test_the_likeliest_codeword_is_the_one_that_is_decoded() -> None:
    random = np.random.default_rng(7)
    code = encode_payload(77, SCRAMBLE)
    noisy = code + random.normal(0, 1, (40, CODE_BITS)) * np.linspace(0.5, 3, 40)[:, None]
    decoded = [found == 77 for found in decode_soft_bits(noisy, SCRAMBLE)]
    likeliest = are_likeliest(noisy, 77, SCRAMBLE)
    assert likeliest.any() and not likeliest.all()
    assert all(found for found, first in zip(decoded, likeliest, strict=True) if first)
    assert not are_likeliest(noisy, 78, SCRAMBLE).any()


def test_payloads_come_back_through_noise_nearly_as_loud_as_the_code() -> None:
    random = np.random.default_rng(2)
    payloads = [int.from_bytes(random.bytes(8)) for _ in range(20)]
    codes = np.array([encode_payload(payload, SCRAMBLE) for payload in payloads])
    assert decode_soft_bits(codes + random.normal(0, 0.8, codes.shape), SCRAMBLE) == payloads


def test_a_payload_comes_back_when_a_fifth_of_the_bits_is_lost() -> None:
    random = np.random.default_rng(3)
    code = encode_payload(0xFEDCBA9876543210, SCRAMBLE)
    code[random.permutation(CODE_BITS)[: CODE_BITS // 5]] = 0
    assert decode_soft_bits(code[None], SCRAMBLE) == [0xFEDCBA9876543210]


def test_the_errors_that_are_likeliest_are_the_nearest_codewords() -> None:
    """The code's free distance is 18: no two codewords differ in fewer bits."""
    differing = error_events() > 0
    assert differing.sum(axis=1).min() == 18
    np.testing.assert_allclose(np.linalg.norm(error_events(), axis=1), 1, rtol=1e-6)
    code, other = encode_payload(7, SCRAMBLE), encode_payload(7, SCRAMBLE)
    other[differing[len(differing) // 8]] *= -1
    assert decode_soft_bits((code + 0.9 * other)[None], SCRAMBLE) == [7]


def test_a_payload_is_found_behind_a_codeword_that_fits_better() -> None:
    """The check rejects it, and the list of likely codewords continues to the right one."""
    code = encode_payload(0x0123456789ABCDEF, SCRAMBLE)
    flipped = code.copy()
    flipped[error_events()[40] > 0] *= -1
    assert decode_soft_bits((0.9 * code + flipped)[None], SCRAMBLE) == [0x0123456789ABCDEF]


def test_readings_do_not_disturb_one_another() -> None:
    random = np.random.default_rng(5)
    noise = random.normal(0, 1, (3, CODE_BITS))
    noise[1] += 3 * encode_payload(77, SCRAMBLE)
    assert decode_soft_bits(noise, SCRAMBLE) == [None, 77, None]


def test_a_group_is_read_if_one_of_its_readings_is() -> None:
    noise = np.random.default_rng(6).normal(0, 1, (2, 3, CODE_BITS))
    noise[1, 2] += 3 * encode_payload(77, SCRAMBLE)
    assert decode_groups(noise, SCRAMBLE) == [None, (2, 77)]


def test_the_bands_are_the_events() -> None:
    together = np.zeros_like(error_events())
    for rows, bits, events in error_event_bands():
        together[rows, bits] = events
    np.testing.assert_array_equal(together, error_events())


def test_noise_alone_says_nothing() -> None:
    noise = np.random.default_rng(4).normal(0, 1, (2_000, CODE_BITS))
    assert set(decode_soft_bits(noise, SCRAMBLE)) == {None}


def test_another_scramble_says_nothing() -> None:
    assert decode_soft_bits(encode_payload(7, SCRAMBLE)[None], 1 - SCRAMBLE) == [None]


@pytest.mark.parametrize("payload", [-1, 2**64])
def test_a_payload_has_64_bits(payload: int) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        encode_payload(payload, SCRAMBLE)
