"""Digital source types: IPTC's terms for how much of a picture was generated.

https://cv.iptc.org/newscodes/digitalsourcetype/
"""

from __future__ import annotations

_SCHEME = "http://cv.iptc.org/newscodes/digitalsourcetype/"

GENERATED = f"{_SCHEME}trainedAlgorithmicMedia"
COMPOSITE = f"{_SCHEME}compositeWithTrainedAlgorithmicMedia"
ENHANCED = f"{_SCHEME}algorithmicallyEnhanced"

# The tasks that change an existing picture, which is then the result's parent.
_CHANGES = {"edit": COMPOSITE, "outpaint": COMPOSITE, "upscale": ENHANCED}


def source_type_of_task(task: str) -> str:
    """Returns the task's source type: an edit keeps a part of its input, an upscale all of it."""
    return _CHANGES.get(task, GENERATED)


def has_parent(task: str) -> bool:
    """Returns True if the task changes its first image; else all of its images are references."""
    return task in _CHANGES
