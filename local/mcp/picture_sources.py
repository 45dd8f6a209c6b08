"""Turns the pictures of a call into inputs of a request.

An agent reads text that others wrote, so what it may name is limited: no address of the web, and files only
below the folder that the person who started the server has opened to it.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

from functions.contract.errors import InvalidRequest, NotFound
from local.client.api_client import PlantainClient
from local.client.pictures import image_input
from local.mcp.arguments import PictureSource
from local.mcp.resource_names import parse_picture_uri

MAX_PICTURE = 20 * 2**20  # bytes, as the API limits pictures in a request
_DATA_URL = re.compile(r"data:[^,]{0,200},")


class PictureReader:
    """Reads pictures for one caller.

    ``root``: the folder whose files may be named; None refuses every file.
    """

    def __init__(self, plantain: PlantainClient, root: Path | None) -> None:
        self._plantain = plantain
        self._root = root.resolve() if root else None

    def read_input(self, source: PictureSource) -> dict[str, Any]:
        """Returns the picture as a request takes it. Raises InvalidRequest, NotFound and OSError."""
        if source.resource is not None:
            return {"uri": self._find_result(source.resource)}
        if source.data is not None:
            return {"data": _plain_base64(source.data)}
        if source.file is not None:
            return image_input(self._plantain, str(self._find_file(source.file)))
        return source.model_dump(exclude_none=True)

    def _find_result(self, resource: str) -> str:
        job_id, n = parse_picture_uri(resource)
        for image in self._plantain.job(job_id)["images"]:
            if image["url"].endswith(f"/images/{n}"):
                return str(image["uri"])
        raise NotFound(f"The job has no picture {n}, or it is no longer kept.")

    def _find_file(self, name: str) -> Path:
        """Returns the file. Its path is resolved first: ``..`` and links cannot lead out of the folder."""
        if self._root is None:
            raise InvalidRequest("This server reads no files: send the picture as data, or name a resource.")
        try:
            path = (self._root / name).resolve(strict=True)
        except (OSError, ValueError, RuntimeError):
            path = None
        if path is None or not path.is_relative_to(self._root) or not path.is_file():
            raise InvalidRequest("There is no such file in the folder that this server reads.")
        if path.stat().st_size > MAX_PICTURE:
            raise InvalidRequest("The file is larger than 20 MiB.")
        return path


def _plain_base64(text: str) -> str:
    """Returns padded standard base64 of either alphabet, without ``data:``. Raises InvalidRequest."""
    if prefix := _DATA_URL.match(text):
        if not prefix[0].endswith(";base64,"):
            raise InvalidRequest("A data: URL must hold base64.")
        text = text[prefix.end() :]
    text = "".join(text.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise InvalidRequest("The picture's data is not valid base64.") from None
    if len(data) > MAX_PICTURE:
        raise InvalidRequest("The picture is larger than 20 MiB.")
    return base64.b64encode(data).decode()
