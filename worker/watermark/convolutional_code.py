"""The payload's protection: CRC-32, a keyed scramble, and a convolutional code with soft Viterbi decoding.

The code is the rate-1/3, constraint-length-9 one with generators 557, 663 and 711 (octal), the best of its
kind (Proakis, Digital Communications, table 8.2-2); eight zero bits return its register to zero.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
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
# The register is (s' << 1 | oldest): both predecessors of all states are the registers in order. These are
# the outputs (256, 3) on the first way into each state. Every generator has the oldest bit, so those on the
# second way are their opposites.
ARRIVING = OUTPUTS[::2].astype(np.float32)
# Groups of readings that are decoded at a time, so that what is kept of them stays in the processor's cache.
GROUPS_TOGETHER = 16


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
    some = (soft[first : first + GROUPS_TOGETHER] for first in range(0, len(soft), GROUPS_TOGETHER))
    return [found for groups in some for found in _decode_together(groups, scramble)]


def _decode_together(soft: Floats, scramble: Bits) -> list[tuple[int, int] | None]:
    groups, size = soft.shape[:2]
    lead = _metric_leads(np.asarray(soft, np.float32).reshape(groups * size, STEPS, -1))
    best = _path_states(lead, np.full((groups * size, 1), NOWHERE))[..., 0]
    found = _first_valid(_path_messages(best).reshape(groups, size, 1, -1) ^ scramble)
    unread = [n for n, each in enumerate(found) if each is None]
    if unread:
        rows = np.add.outer(np.multiply(unread, size), np.arange(size)).ravel()
        listed = _list_messages(lead[:, rows], best[:, rows]) ^ scramble
        of_groups = _first_valid(listed.reshape(len(unread), size, LISTED, -1))
        for n, each in zip(unread, of_groups, strict=True):
            found[n] = each
    return found


def _first_valid(messages: Bits) -> list[tuple[int, int] | None]:
    """Returns for each group (g, k, m, 96) the first reading one of whose messages passes the CRC, and the
    payload.
    """
    packed = np.packbits(messages, axis=-1)
    return [next(_valid_payloads(group), None) for group in packed]


def _valid_payloads(packed: Bits) -> Iterator[tuple[int, int]]:
    """Yields the payload of each message (k, m, 12 bytes) that passes the CRC, with its reading."""
    for n, messages in enumerate(packed):
        for message in messages:
            body, check = message[: PAYLOAD_BITS // 8].tobytes(), message[PAYLOAD_BITS // 8 :].tobytes()
            if zlib.crc32(body) == int.from_bytes(check):
                yield n, int.from_bytes(body)


def _message_bits(payload: int) -> Bits:
    if not 0 <= payload < 1 << PAYLOAD_BITS:
        raise ValueError(f"A payload has {PAYLOAD_BITS} bits.")
    body = payload.to_bytes(PAYLOAD_BITS // 8)
    check = zlib.crc32(body).to_bytes(CHECK_BITS // 8)
    return np.unpackbits(np.frombuffer(body + check, np.uint8))


def _list_messages(lead: Floats, best: Bits) -> Bits:
    """Returns the messages (n, LISTED, 96) of the trellis paths that agree best with the readings.

    The best path comes first. The others leave it once, where this costs the least: a serial list Viterbi
    algorithm (Seshadri and Sundberg, 1994) with a depth of one error event.
    """
    cost = np.abs(np.take_along_axis(lead, best[..., None], axis=2))[..., 0]
    leaves = np.argsort(cost, axis=0)[: LISTED - 1].T
    return _path_messages(_path_states(lead, np.pad(leaves, ((0, 0), (1, 0)), constant_values=NOWHERE)))


def _path_messages(states: Bits) -> Bits:
    """Returns the message bits (..., 96) of paths (104, ...)."""
    return np.moveaxis(states[:MESSAGE_BITS] >> np.uint8(MEMORY - 1), 0, -1)


def _metric_leads(sent: Floats) -> Floats:
    """Returns by how much the second of the two ways into each state leads: (104, n, 256)."""
    gains = np.matmul(sent.swapaxes(0, 1), ARRIVING.T).reshape(STEPS, len(sent), 2, -1)
    metric = np.full((len(sent), STATES), UNREACHED, np.float32)
    metric[:, 0] = 0
    lead = np.empty_like(gains)
    for step in range(STEPS):
        # State s' is reached from 2s' and 2s'+1 (modulo the number of states), for either bit.
        first = metric[:, None, ::2] + gains[step]
        second = metric[:, None, 1::2] - gains[step]
        np.subtract(second, first, out=lead[step])
        metric = np.maximum(first, second).reshape(metric.shape)
    return lead.reshape(STEPS, len(sent), STATES)


def _path_states(lead: Floats, leaves: Integers) -> Bits:
    """Returns the states (104, n, k) of the paths that take the worse way at the steps ``leaves`` (n, k)."""
    # The better of the two states before each state. They differ in the last bit.
    before = (np.arange(STATES) << 1).astype(np.uint8) | (lead > 0)
    leaving = leaves == np.arange(STEPS)[:, None, None]
    every = np.arange(len(leaves))[:, None] * STATES
    state, states = np.zeros(leaves.shape, np.uint8), np.empty((STEPS, *leaves.shape), np.uint8)
    for step in reversed(range(STEPS)):
        states[step] = state
        state = before[step].take(every + state) ^ leaving[step]
    return states
