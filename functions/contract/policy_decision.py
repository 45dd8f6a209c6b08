"""The decisions of a policy, from the mildest: continue, continue and ask for a review, stop."""

from __future__ import annotations

from typing import Literal

Decision = Literal["allow", "review", "block"]
