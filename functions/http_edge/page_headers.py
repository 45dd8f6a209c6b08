"""The headers of every page for browsers: one Content-Security-Policy, and what else narrows a page's rights.

https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Response

from ..contract.settings import Settings

STORAGE = "https://storage.googleapis.com"  # the host of Cloud Storage's signed URLs
_RIGHTS = (
    "accelerometer",
    "display-capture",
    "geolocation",
    "gyroscope",
    "microphone",
    "midi",
    "payment",
    "usb",
)


def add_page_headers(response: Response, settings: Settings) -> Response:
    """Sets the headers that every page carries, and returns the response."""
    response.headers["Content-Security-Policy"] = content_policy(settings)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Permissions-Policy"] = ", ".join(["camera=(self)", *(f"{name}=()" for name in _RIGHTS)])
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def add_file_headers(response: Response) -> Response:
    """Sets the headers of a page's script, style or picture, and returns the response.

    The page's own policy counts for them. By this one a file that is opened by itself may do nothing.
    """
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def content_policy(settings: Settings) -> str:
    """Returns the Content-Security-Policy of the site: its own files, and pictures from the results bucket.

    Nothing inline runs, no text becomes code, no page frames this one, and no other host is asked.
    """
    pictures = _picture_source(settings)
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": " ".join(["'self'", "blob:", "data:", *pictures]),
        "media-src": " ".join(["'self'", "blob:", *pictures]),
        "connect-src": " ".join(["'self'", *pictures]),
        "font-src": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _picture_source(settings: Settings) -> list[str]:
    """Returns where a signed URL leads: to the results bucket. A laptop answers with the picture itself."""
    return [] if settings.is_local else [f"{STORAGE}/{quote(settings.results_bucket)}/"]
