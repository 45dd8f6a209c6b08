"""The ports of the stack."""

from __future__ import annotations

import pytest

from local.http_servers.ports import ANY, HOST, PortTaken, check_free, is_listening, open_stack_listener


def test_any_port_is_one_that_is_free() -> None:
    with open_stack_listener("api", ANY) as listener:
        assert is_listening(HOST, listener.getsockname()[1])


@pytest.mark.parametrize(
    ("name", "option"), [("api", "--port"), ("storage", "--storage-port"), ("pubsub", "--pubsub-port")]
)
def test_a_taken_port_says_which_it_is_and_how_to_choose_another(name: str, option: str) -> None:
    with open_stack_listener("api", ANY) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken) as taken:
            check_free(name, port)
    assert f"Port {port} ({name}) is taken" in taken.value.message
    assert f"{option} N" in taken.value.message
    assert "\n" not in taken.value.message


def test_a_port_is_free_again_as_soon_as_it_is_left() -> None:
    with open_stack_listener("api", ANY) as listener:
        port = listener.getsockname()[1]
    check_free("api", port)
    assert not is_listening(HOST, port)
