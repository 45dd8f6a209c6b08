"""The bodies of OpenAI's interface, for its description: `/openapi.json`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ..description.operation import DescribedModel, FilePart
from ..description.shown_fields import model_of_fields
from .files import FileFields
from .image_fields import ImageFields

_FIELDS = frozenset(ImageFields.model_fields) - {"prompt"}

Picture = Annotated[
    str | dict[str, Any],
    Field(
        description='A `data:` URL, base64, an https address, `{"image_url": …}` or `{"file_id": …}`.',
    ),
]


class _PictureFields(model_of_fields(ImageFields, _FIELDS, is_complete=False)):
    pass


class GenerationBody(model_of_fields(ImageFields, _FIELDS - {"strength"}, is_complete=False)):
    """What to draw. `extra_body` of the clients adds Plantain's own fields, from `negative_prompt` on."""

    prompt: str


class EditBody(_PictureFields):
    """What to change, and in which pictures."""

    prompt: str
    image: Picture | tuple[Picture, ...] = ()
    images: tuple[Picture, ...] = ()
    mask: Picture | None = None
    """Transparent marks what may change."""
    markup: Picture | None = None
    """Instead of a mask: what is drawn, and what a line encloses, may change."""


class EditForm(_PictureFields):
    """What to change, and in which pictures; `image` may stand several times, also as `image[]`."""

    prompt: str
    image: FilePart | tuple[FilePart, ...]
    mask: FilePart | None = None
    """Transparent marks what may change."""
    markup: FilePart | None = None
    """Instead of a mask: what is drawn, and what a line encloses, may change."""


class VariationForm(_PictureFields):
    """The picture to vary."""

    prompt: str | None = None
    image: FilePart


class FileForm(model_of_fields(FileFields, frozenset(FileFields.model_fields), is_complete=False)):
    """A file to keep."""

    file: FilePart


class ProvenanceForm(DescribedModel):
    """A picture to check."""

    file: FilePart


class ConversationPart(DescribedModel, extra="allow"):
    """Words or a picture."""

    type: Literal["text", "image_url", "input_text", "input_image", "output_text", "output_image"]
    text: str = ""
    image_url: str | dict[str, Any] = ""


class ConversationTurn(DescribedModel, extra="allow"):
    """One message."""

    role: Literal["user", "assistant", "system", "developer"]
    content: str | tuple[ConversationPart, ...]


class ChatImageConfig(DescribedModel, extra="forbid"):
    """OpenRouter's fields for a picture."""

    aspect_ratio: str | None = None
    image_size: str | None = None


class ChatBody(DescribedModel, extra="allow"):
    """A conversation. The fields of a request for images are taken too; others have no effect."""

    messages: tuple[ConversationTurn, ...]
    model: str | None = None
    n: Annotated[int, Field(ge=1)] = 1
    stream: bool = False
    modalities: tuple[str, ...] | None = None
    """With `image` among them."""
    image_config: ChatImageConfig | None = None


class ImageTool(_PictureFields):
    """The tool that draws, with the fields of a request for images."""

    type: Literal["image_generation"]
    action: Literal["auto", "generate", "edit"] | None = None
    input_image_mask: Picture | None = None


class ResponseBody(DescribedModel, extra="allow"):
    """An input to answer with a picture."""

    input: str | tuple[ConversationTurn, ...]
    tools: tuple[ImageTool, ...] = Field(min_length=1)
    model: str | None = None
    stream: bool = False
    previous_response_id: str | None = None
