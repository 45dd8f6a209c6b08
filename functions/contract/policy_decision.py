"""What a policy rules, from the mildest: go on, go on and have it looked at, stop."""

from __future__ import annotations

from typing import Literal

Decision = Literal["allow", "review", "block"]
