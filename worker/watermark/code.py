"""The payload's protection: CRC-32, a keyed scramble, and a convolutional code read by soft Viterbi.

The code is the rate-1/3, constraint-length-9 one with generators 557, 663 and 711 (octal), the best of its
kind (Proakis, Digital Communications, table 8.2-2); eight zero bits bring its register back to rest.
"""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]

PAYLOAD_BITS = 64
CHECK_BITS = 32
MESSAGE_BITS = PAYLOAD_BITS + CHECK_BITS
MEMORY = 8
STATES = 1 << MEMORY
STEPS = MESSAGE_BITS + MEMORY
GENERATORS = (0o557, 0o663, 0o711)
CODE_BITS = STEPS * len(GENERATORS)


def _outputs() -> npt.NDArray[np.float64]:
    """What the encoder sends, ±1, for each register (newest bit first) of nine bits: (512, 3)."""
    registers = np.arange(2 * STATES)[:, None] & np.array(GENERATORS)
    return np.bitwise_count(registers).astype(np.float64) % 2 * 2 - 1


OUTPUTS = _outputs()
# Into state s' = (bit, seven older bits) lead two states; their registers differ in the oldest bit.
# The register is (s' << 1 | oldest): both predecessors of all states are the registers in order.
ARRIVING = OUTPUTS.reshape(STATES, 2, len(GENERATORS))


def encode(payload: int, scramble: Bits) -> npt.NDArray[np.float64]:
    """The codeword of a 64-bit payload: ±1, (312,)."""
    message = np.concatenate([_message(payload) ^ scramble, np.zeros(MEMORY, np.uint8)])
    register, code = 0, np.empty((STEPS, len(GENERATORS)))
    for step, bit in enumerate(message):
        register = int(bit) << MEMORY | register >> 1
        code[step] = OUTPUTS[register]
    return code.ravel()


def decode(soft: Floats, scramble: Bits) -> list[int | None]:
    """The payload of the likeliest codeword of each reading, or None where its CRC says that it is chance.

    Args:
        soft: (n, 312), how much each code bit looks like +1 (any scale). Many readings at once cost little
        more
            than one.
        scramble: the 96 keyed bits that ``encode`` was given.
    """
    return [_checked(message) for message in _viterbi(soft) ^ scramble]


def _checked(message: Bits) -> int | None:
    payload = int.from_bytes(np.packbits(message[:PAYLOAD_BITS]).tobytes())
    return payload if bool((_message(payload) == message).all()) else None


def _message(payload: int) -> Bits:
    if not 0 <= payload < 1 << PAYLOAD_BITS:
        raise ValueError(f"A payload has {PAYLOAD_BITS} bits.")
    body = payload.to_bytes(PAYLOAD_BITS // 8)
    check = zlib.crc32(body).to_bytes(CHECK_BITS // 8)
    return np.unpackbits(np.frombuffer(body + check, np.uint8))


def _viterbi(soft: Floats) -> Bits:
    """The message bits (n, 96) of the paths through the trellis that agree best with ``soft`` (n, 312)."""
    sent = np.asarray(soft, np.float32).reshape(len(soft), STEPS, -1)
    gains = np.einsum("sji,nti->tnsj", ARRIVING.astype(np.float32), sent, optimize=True)
    every = np.arange(len(soft))
    metric = np.full((len(soft), STATES), -np.inf, np.float32)
    metric[:, 0] = 0
    came_from = np.empty((STEPS, len(soft), STATES), np.bool_)
    for step in range(STEPS):
        # State s' is reached from 2s' and 2s'+1 (modulo the states), whatever bit it took.
        before = metric.reshape(len(soft), 1, -1, 2)
        routes = (before + gains[step].reshape(len(soft), 2, -1, 2)).reshape(len(soft), STATES, 2)
        np.greater(routes[..., 1], routes[..., 0], out=came_from[step])
        metric = np.maximum(routes[..., 0], routes[..., 1])
    state, bits = np.zeros(len(soft), np.int64), np.empty((len(soft), STEPS), np.uint8)
    for step in reversed(range(STEPS)):
        bits[:, step] = state >> (MEMORY - 1)
        state = (state << 1 & STATES - 1) | came_from[step, every, state]
    return bits[:, :MESSAGE_BITS]
