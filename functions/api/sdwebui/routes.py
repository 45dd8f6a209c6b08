"""The routes of the WebUI's interface, and the handler of each."""

from __future__ import annotations

from ..api_call import Handler
from ..matched_rule import MatchedRule
from . import images, options, progress

_BASE = "/sdapi/v1"
_CALLS: tuple[tuple[str, str, str, Handler], ...] = (
    ("POST", "/txt2img", "sdwebui.txt2img", images.draw_from_text),
    ("POST", "/img2img", "sdwebui.img2img", images.draw_from_image),
    ("GET", "/options", "sdwebui.options.show", options.show_options),
    ("POST", "/options", "sdwebui.options.accept", options.accept_options),
    ("GET", "/sd-models", "sdwebui.models", options.list_models),
    ("GET", "/progress", "sdwebui.progress", progress.show_progress),
    ("POST", "/interrupt", "sdwebui.interrupt", progress.interrupt),
    *(("GET", f"/{name}", f"sdwebui.{name}", options.show_list) for name in options.LISTS),
)

HANDLERS: dict[str, Handler] = {endpoint: handler for _, _, endpoint, handler in _CALLS}
ROUTES = [
    MatchedRule(_BASE + path, endpoint=endpoint, methods=[method]) for method, path, endpoint, _ in _CALLS
]
