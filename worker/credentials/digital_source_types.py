"""Digital source types: IPTC's words for how much of a picture a machine has made.

https://cv.iptc.org/newscodes/digitalsourcetype/
"""

from __future__ import annotations

_SCHEME = "http://cv.iptc.org/newscodes/digitalsourcetype/"

GENERATED = f"{_SCHEME}trainedAlgorithmicMedia"
COMPOSITE = f"{_SCHEME}compositeWithTrainedAlgorithmicMedia"
ENHANCED = f"{_SCHEME}algorithmicallyEnhanced"

# The tasks that change a picture which was there before: what comes out has that picture for its parent.
_CHANGES = {"edit": COMPOSITE, "outpaint": COMPOSITE, "upscale": ENHANCED}


def source_type_of_task(task: str) -> str:
    """An edit keeps something of a picture that was there, an upscale all of it; the rest is generated."""
    return _CHANGES.get(task, GENERATED)


def has_parent(task: str) -> bool:
    """Whether the first image of the task is the one that is changed, and not one to look at."""
    return task in _CHANGES
