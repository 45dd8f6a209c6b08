"""What a store of the list of keys can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from functions.contract.api_keys.key_list import KeyList
from functions.contract.errors import PlantainError

EditList = Callable[[KeyList], KeyList]
"""A change of the list. It may be made twice, and must give the same."""


class StoreRefused(PlantainError):
    """The store of the list of keys did not do what was asked."""

    code, status, title = "key_store_refused", 502, "The list of keys cannot be changed"
    remedy = "Do what the message says."


class KeyStore(Protocol):
    """Reads and changes the list."""

    def read(self) -> KeyList:
        """Returns the list; an empty one where there is none yet."""
        ...

    def change(self, edit: EditList) -> None:
        """Changes the list. What others change at the same time is kept."""
        ...
