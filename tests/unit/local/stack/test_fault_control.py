"""Faults, as the command line and the control endpoint name them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from functions.contract.errors import InvalidRequest
from local.pubsub.faults import PubSubFaults
from local.stack.fault_control import parse_fault_options, read_faults, set_faults


@dataclass
class Server:
    """What a server shows of its faults."""

    faults: PubSubFaults


@pytest.fixture
def server() -> Server:
    return Server(PubSubFaults(delay=2.0))


def test_options_name_a_server_a_fault_and_a_value() -> None:
    assert parse_fault_options(["storage.unavailable=0.05", "storage.slow=1", "pubsub.duplicate=0.1"]) == {
        "storage": {"unavailable": 0.05, "slow": 1.0},
        "pubsub": {"duplicate": 0.1},
    }


@pytest.mark.parametrize("option", ["storage.unavailable", "storage", "storage.unavailable=often"])
def test_other_spellings_are_refused(option: str) -> None:
    with pytest.raises(InvalidRequest, match=r"storage\.unavailable=0\.05"):
        parse_fault_options([option])


def test_faults_that_are_not_named_stay_as_they_are(server: Server) -> None:
    set_faults({"pubsub": server}, {"pubsub": {"duplicate": 0.5}})
    assert read_faults(server) == {
        "duplicate": 0.5,
        "delay": 2.0,
        "lost_lease": 0.0,
        "unavailable": 0.0,
        "seed": 0,
    }


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({"storage": {"slow": 1}}, "not a server of this stack: pubsub"),
        ({"pubsub": {"late": 1}}, "no fault late; it has seed, duplicate"),
        ({"pubsub": {"duplicate": "often"}}, "is a number"),
        ({"pubsub": {"duplicate": True}}, "is a number"),
        ({"pubsub": {"duplicate": 1.5}}, "between 0 and 1"),
    ],
)
def test_what_cannot_be_switched_is_refused_and_changes_nothing(
    server: Server, wanted: dict[str, dict[str, object]], why: str
) -> None:
    before = read_faults(server)
    with pytest.raises(InvalidRequest, match=why):
        set_faults({"pubsub": server}, wanted)
    assert read_faults(server) == before
