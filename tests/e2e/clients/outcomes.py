"""What scripts of other people's clients share. Neither Plantain nor its tests are installed for them."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable, Collection, Iterable
from typing import Any


def asked_until(look: Callable[[], Any], is_over: Callable[[Any], bool]) -> Any:
    """Returns what ``look`` finds, once it is over: it is asked for as a user's own loop does.

    The test that started the script ends it if that never comes.
    """
    while not is_over(found := look()):
        time.sleep(0.1)
    return found


def print_outcomes(calls: Iterable[Callable[[], Any]], failures: Collection[type[Exception]]) -> None:
    """Prints one JSON object: what came of each call by its name, or the trace of what it raised."""
    outcomes: dict[str, Any] = {}
    for call in calls:
        try:
            outcomes[call.__name__] = call()
        except tuple(failures):
            outcomes[call.__name__] = traceback.format_exc()
    print(json.dumps(outcomes))
