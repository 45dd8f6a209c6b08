"""The payload's protection: CRC-32, a keyed scramble, and a convolutional code with soft Viterbi decoding.

The code is the rate-1/3, constraint-length-9 one with generators 557, 663 and 711 (octal), the best of its
kind (Proakis, Digital Communications, table 8.2-2); eight zero bits return its register to zero.
"""

from __future__ import annotations

import zlib
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]
Integers = npt.NDArray[np.int64]

PAYLOAD_BITS = 64
CHECK_BITS = 32
MESSAGE_BITS = PAYLOAD_BITS + CHECK_BITS
MEMORY = 8
STATES = 1 << MEMORY
STEPS = MESSAGE_BITS + MEMORY
GENERATORS = (0o557, 0o663, 0o711)
CODE_BITS = STEPS * len(GENERATORS)


# How many of a reading's likeliest codewords are tried.
LISTED = 16
# The messages whose codewords differ the least from the zero codeword.
ERRORS = ((1,), (1, 1), (1, 0, 1), (1, 1, 1))
# Error events whose arithmetic is done together: so few that they differ in a quarter of the code bits.
BAND = 64
# Worse than any metric: the metric of a state that no path has reached.
UNREACHED = -1e9
# The step at which the best path leaves itself.
NOWHERE = -1


def _register_outputs() -> npt.NDArray[np.float64]:
    """Returns the encoder's output, ±1, for each nine-bit register (newest bit first): (512, 3)."""
    registers = np.arange(2 * STATES)[:, None] & np.array(GENERATORS)
    return np.bitwise_count(registers).astype(np.float64) % 2 * 2 - 1


OUTPUTS = _register_outputs()
# Two states lead to state s' = (bit, seven older bits); their registers differ in the oldest bit.
# The register is (s' << 1 | oldest): both predecessors of all states are the registers in order.
ARRIVING = OUTPUTS.reshape(STATES, 2, len(GENERATORS))


def encode_payload(payload: int, scramble: Bits) -> npt.NDArray[np.float64]:
    """Returns the codeword of a 64-bit payload: ±1, (312,)."""
    return _convolve_message(_message_bits(payload) ^ scramble)


def codeword_cosines(soft: Floats, code: Floats) -> Floats:
    """Returns the cosines (...,) between readings (..., 312) and a codeword (312,); 0 for an empty one."""
    return soft @ code / (np.linalg.norm(soft, axis=-1) * np.linalg.norm(code) + 1e-9)


def _convolve_message(message: Bits) -> npt.NDArray[np.float64]:
    return OUTPUTS[_message_registers(message)].ravel()


def _message_registers(message: Bits) -> Integers:
    """Returns the encoder's register at each step: (104,)."""
    register, registers = 0, np.empty(STEPS, np.int64)
    for step, bit in enumerate([*message.tolist(), *[0] * MEMORY]):
        registers[step] = register = bit << MEMORY | register >> 1
    return registers


def _short_codeword(start: int, bits: tuple[int, ...]) -> npt.NDArray[np.float64]:
    message = np.zeros(MESSAGE_BITS, np.uint8)
    message[start : start + len(bits)] = bits
    return _convolve_message(message)


@lru_cache(maxsize=1)
def error_events() -> npt.NDArray[np.float32]:
    """Returns the likeliest error events of a decoder (n, 312): where the code bits differ, each of length 1.

    In a linear code they are the same for every codeword: the codewords of the shortest messages, in the
    order of their first bit.
    """
    codewords = [
        _short_codeword(start, bits)
        for start in range(MESSAGE_BITS)
        for bits in ERRORS
        if start + len(bits) <= MESSAGE_BITS
    ]
    differing = np.array(codewords) > 0
    return (differing / np.sqrt(differing.sum(axis=1, keepdims=True))).astype(np.float32)


@lru_cache(maxsize=1)
def error_event_bands() -> tuple[tuple[slice, slice, npt.NDArray[np.float32]], ...]:
    """Returns the error events in bands: the events, their code bits, and the part that is not zero."""
    events = error_events()
    bands: list[tuple[slice, slice, npt.NDArray[np.float32]]] = []
    for first in range(0, len(events), BAND):
        rows = slice(first, min(first + BAND, len(events)))
        differing = np.flatnonzero(events[rows].any(axis=0))
        columns = slice(int(differing[0]), int(differing[-1]) + 1)
        bands.append((rows, columns, np.ascontiguousarray(events[rows, columns])))
    return tuple(bands)


def are_likeliest(soft: Floats, payload: int, scramble: Bits) -> npt.NDArray[np.bool_]:
    """Returns for each reading (n, 312) whether the payload's codeword agrees with it best: (n,).

    It is what ``decode_soft_bits`` finds first; here the best path is compared and not traced.
    """
    lead = _metric_leads(np.asarray(soft, np.float32).reshape(len(soft), STEPS, -1))
    registers = _message_registers(_message_bits(payload) ^ scramble)
    ways = lead[np.arange(STEPS), :, registers >> 1] > 0
    return (ways == (registers & 1)[:, None]).all(axis=0)


def decode_soft_bits(soft: Floats, scramble: Bits) -> list[int | None]:
    """Returns the payload of each reading (n, 312), or None; see ``decode_groups``."""
    return [None if found is None else found[1] for found in decode_groups(soft[:, None], scramble)]


def decode_groups(soft: Floats, scramble: Bits) -> list[tuple[int, int] | None]:
    """Returns for each group of readings one that is read, with its payload, or None where none is.

    Args:
        soft: (g, k, 312), how much each code bit looks like +1 (any scale), in k readings of the same mark.
            Many groups together cost little more than one. If the best path of none of a group's readings
            passes the CRC, all likely ones are tried.
        scramble: the 96 keyed bits that ``encode_payload`` was given.
    """
    groups, size = soft.shape[:2]
    lead = _metric_leads(np.asarray(soft, np.float32).reshape(groups * size, STEPS, -1))
    best = _path_states(lead, np.full((groups * size, 1), NOWHERE))[..., 0]
    messages = _path_messages(best) ^ scramble
    found: list[tuple[int, int] | None] = []
    for first in range(0, groups * size, size):
        rows = slice(first, first + size)
        found.append(
            _first_valid(messages[rows, None])
            or _first_valid(_list_messages(lead[:, rows], best[:, rows]) ^ scramble)
        )
    return found


def _first_valid(messages: Bits) -> tuple[int, int] | None:
    """Returns the first reading one of whose messages (k, m, 96) passes the CRC, and the payload."""
    found = ((n, _payload_if_valid(message)) for n, some in enumerate(messages) for message in some)
    return next(((n, payload) for n, payload in found if payload is not None), None)


def _payload_if_valid(message: Bits) -> int | None:
    payload = int.from_bytes(np.packbits(message[:PAYLOAD_BITS]).tobytes())
    return payload if bool((_message_bits(payload) == message).all()) else None


def _message_bits(payload: int) -> Bits:
    if not 0 <= payload < 1 << PAYLOAD_BITS:
        raise ValueError(f"A payload has {PAYLOAD_BITS} bits.")
    body = payload.to_bytes(PAYLOAD_BITS // 8)
    check = zlib.crc32(body).to_bytes(CHECK_BITS // 8)
    return np.unpackbits(np.frombuffer(body + check, np.uint8))


def _list_messages(lead: Floats, best: Integers) -> Bits:
    """Returns the messages (n, LISTED, 96) of the trellis paths that agree best with the readings.

    The best path comes first. The others leave it once, where this costs the least: a serial list Viterbi
    algorithm (Seshadri and Sundberg, 1994) with a depth of one error event.
    """
    cost = np.abs(np.take_along_axis(lead, best[..., None], axis=2))[..., 0]
    leaves = np.argsort(cost, axis=0)[: LISTED - 1].T
    return _path_messages(_path_states(lead, np.pad(leaves, ((0, 0), (1, 0)), constant_values=NOWHERE)))


def _path_messages(states: Integers) -> Bits:
    """Returns the message bits (..., 96) of paths (104, ...)."""
    return np.moveaxis((states[:MESSAGE_BITS] >> (MEMORY - 1)).astype(np.uint8), 0, -1)


def _metric_leads(sent: Floats) -> Floats:
    """Returns by how much the second of the two ways into each state leads: (104, n, 256)."""
    gains = np.einsum("sji,nti->tnsj", ARRIVING.astype(np.float32), sent, optimize=True)
    metric = np.full((len(sent), STATES), UNREACHED, np.float32)
    metric[:, 0] = 0
    lead = np.empty((STEPS, len(sent), STATES), np.float32)
    for step in range(STEPS):
        # State s' is reached from 2s' and 2s'+1 (modulo the number of states), for either bit.
        before = metric.reshape(len(sent), 1, -1, 2)
        routes = (before + gains[step].reshape(len(sent), 2, -1, 2)).reshape(len(sent), STATES, 2)
        np.subtract(routes[..., 1], routes[..., 0], out=lead[step])
        metric = np.maximum(routes[..., 0], routes[..., 1])
    return lead


def _path_states(lead: Floats, leaves: Integers) -> Integers:
    """Returns the states (104, n, k) of the paths that take the worse way at the steps ``leaves`` (n, k)."""
    every = np.arange(len(leaves))[:, None]
    state, states = np.zeros(leaves.shape, np.int64), np.empty((STEPS, *leaves.shape), np.int64)
    for step in reversed(range(STEPS)):
        states[step] = state
        later = (lead[step, every, state] > 0) ^ (leaves == step)
        state = (state << 1 & STATES - 1) | later
    return states
