"""The dialects: the interfaces of services whose clients call Plantain unchanged, and Plantain's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from flask import Response
from werkzeug.routing import BaseConverter, Map, Rule

from ..contract.errors import PlantainError
from .api_call import Handler
from .gemini.errors import error_response as gemini_error_response
from .gemini.routes import HANDLERS as GEMINI_HANDLERS
from .gemini.routes import ROUTES as GEMINI_ROUTES
from .gemini.routes import SECRET_ADDRESSES as GEMINI_SECRET_ADDRESSES
from .openai.errors import error_response as openai_error_response
from .openai.routes import HANDLERS as OPENAI_HANDLERS
from .openai.routes import ROUTES as OPENAI_ROUTES
from .own.errors import error_response as own_error_response
from .own.routes import HANDLERS as OWN_HANDLERS
from .own.routes import ROUTES as OWN_ROUTES
from .sdwebui.errors import error_response as sdwebui_error_response
from .sdwebui.routes import HANDLERS as SDWEBUI_HANDLERS
from .sdwebui.routes import ROUTES as SDWEBUI_ROUTES

_compiling = Lock()  # a rule belongs to one map: two threads that make it at once would fail


class PlainName(BaseConverter):
    """A part of a path without a colon: what follows one is a verb in Google's interface."""

    regex = "[^/:]+"


@dataclass(frozen=True)
class Dialect:
    """One interface: its rules, the handler of each endpoint, and how it writes an error.

    Addresses of ``secret_addresses`` are asked for without a key: only their caller knows them.
    """

    name: str
    rules: Iterable[Rule]
    handlers: Mapping[str, Handler]
    error_response: Callable[[PlantainError], Response]
    secret_addresses: frozenset[str] = frozenset()

    @property
    def routes(self) -> Map:
        """Returns the compiled rules.

        Compiling Google's hundreds takes a while. A process that is never asked for one never spends it.
        """
        with _compiling:
            return self._compiled_rules

    @cached_property
    def _compiled_rules(self) -> Map:
        return Map(
            self.rules,
            strict_slashes=False,
            merge_slashes=False,
            redirect_defaults=False,
            converters={"plain": PlainName},
        )


OWN = "own"
DIALECTS: dict[str, Dialect] = {
    OWN: Dialect(OWN, OWN_ROUTES, OWN_HANDLERS, own_error_response),
    "gemini": Dialect(
        "gemini", GEMINI_ROUTES, GEMINI_HANDLERS, gemini_error_response, GEMINI_SECRET_ADDRESSES
    ),
    "openai": Dialect("openai", OPENAI_ROUTES, OPENAI_HANDLERS, openai_error_response),
    "sdwebui": Dialect("sdwebui", SDWEBUI_ROUTES, SDWEBUI_HANDLERS, sdwebui_error_response),
}
