"""A job's states, and the ways between them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.contract.errors import IllegalTransition
from functions.contract.states import TERMINAL, TRANSITIONS, State, check_transition

ENDS = {"succeeded", "failed", "blocked", "canceled", "expired"}
LEGAL = (
    {(old, end) for old in ("queued", "running", "canceling") for end in ENDS}
    | {("queued", "running"), ("queued", "canceling")}
    | {("running", "queued"), ("running", "running"), ("running", "canceling")}
    | {("canceling", "canceling")}
)
PAIRS = [(old, new) for old in State for new in State]
states = st.sampled_from(list(State))


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_only_the_legal_transitions_are_allowed(old: State, new: State) -> None:
    if (str(old), str(new)) in LEGAL:
        assert check_transition(old, new) is new
    else:
        with pytest.raises(IllegalTransition, match=f"{old} cannot become {new}"):
            check_transition(old, new)


def test_every_state_has_its_transitions_written_down() -> None:
    assert set(TRANSITIONS) == set(State)


def test_five_states_are_terminal() -> None:
    assert {str(state) for state in TERMINAL} == ENDS
    assert {state for state in State if state.is_terminal} == TERMINAL


@given(st.lists(states, max_size=12))
def test_a_terminal_state_never_changes(wishes: list[State]) -> None:
    state, ended = State.QUEUED, None
    for wish in wishes:
        if wish in TRANSITIONS[state]:
            state = check_transition(state, wish)
        ended = ended or (state if state.is_terminal else None)
        assert ended in (None, state)


@given(states.filter(lambda state: not state.is_terminal))
def test_whatever_lives_can_end_in_every_way(state: State) -> None:
    assert TRANSITIONS[state] >= TERMINAL


def test_a_job_that_is_being_canceled_is_never_worked_on_again() -> None:
    assert TRANSITIONS[State.CANCELING].isdisjoint({State.QUEUED, State.RUNNING})
