"""Sixty-four bits go through a bad channel, or none are claimed to."""

from __future__ import annotations

import numpy as np
import pytest

from worker.watermark.code import CODE_BITS, MESSAGE_BITS, decode, encode

SCRAMBLE = np.random.default_rng(1).integers(0, 2, MESSAGE_BITS).astype(np.uint8)


@pytest.mark.parametrize("payload", [0, 1, 0x0123456789ABCDEF, 2**64 - 1])
def test_a_payload_comes_back(payload: int) -> None:
    code = encode(payload, SCRAMBLE)
    assert code.shape == (CODE_BITS,)
    assert set(np.unique(code)) <= {-1.0, 1.0}
    assert decode(code, SCRAMBLE) == payload


def test_a_payload_comes_back_through_noise_as_loud_as_the_code() -> None:
    random = np.random.default_rng(2)
    for _ in range(20):
        payload = int.from_bytes(random.bytes(8))
        noisy = encode(payload, SCRAMBLE) + random.normal(0, 0.9, CODE_BITS)
        assert decode(noisy, SCRAMBLE) == payload


def test_a_payload_comes_back_when_a_fifth_of_the_bits_is_lost() -> None:
    random = np.random.default_rng(3)
    code = encode(0xFEDCBA9876543210, SCRAMBLE)
    code[random.permutation(CODE_BITS)[: CODE_BITS // 5]] = 0
    assert decode(code, SCRAMBLE) == 0xFEDCBA9876543210


def test_noise_alone_says_nothing() -> None:
    random = np.random.default_rng(4)
    assert all(decode(random.normal(0, 1, CODE_BITS), SCRAMBLE) is None for _ in range(200))


def test_another_scramble_says_nothing() -> None:
    assert decode(encode(7, SCRAMBLE), 1 - SCRAMBLE) is None


@pytest.mark.parametrize("payload", [-1, 2**64])
def test_a_payload_has_64_bits(payload: int) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        encode(payload, SCRAMBLE)
