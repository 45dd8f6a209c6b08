"""What a caller's key must allow for each endpoint of each dialect."""

from __future__ import annotations

from collections.abc import Mapping

from ..contract.api_keys.key_list import KeyScope

_ENDPOINTS: Mapping[KeyScope, tuple[str, ...]] = {
    # Shows what is the caller's own, and what the deployment can do.
    "read": (
        "batches.index",
        "batches.items",
        "batches.manifest",
        "batches.show",
        "capabilities.show",
        "deliveries.index",
        "jobs.events",
        "jobs.index",
        "jobs.show",
        "previews.image",
        "previews.input",
        "results.image",
        "results.manifest",
        "results.verification",
        "gemini.batches.index",
        "gemini.batches.show",
        "gemini.files.download",
        "gemini.files.index",
        "gemini.files.show",
        "gemini.interactions.show",
        "gemini.models.index",
        "gemini.models.show",
        "gemini.prediction_jobs.index",
        "gemini.prediction_jobs.show",
        "gemini.publisher_models.index",
        "gemini.publisher_models.show",
        "gemini.videos.show",
        "openai.batches.index",
        "openai.batches.show",
        "openai.files.content",
        "openai.files.index",
        "openai.files.show",
        "openai.models.index",
        "openai.models.show",
        "openai.responses.show",
        "sdwebui.latent-upscale-modes",
        "sdwebui.loras",
        "sdwebui.models",
        "sdwebui.options.show",
        "sdwebui.progress",
        "sdwebui.prompt-styles",
        "sdwebui.samplers",
        "sdwebui.schedulers",
        "sdwebui.sd-modules",
        "sdwebui.sd-vae",
        "sdwebui.upscalers",
    ),
    # Makes jobs and files, and ends or deletes the caller's own.
    "generate": (
        "batches.cancel",
        "batches.create",
        "batches.delete",
        "jobs.cancel",
        "jobs.create",
        "jobs.delete",
        "uploads.create",
        "gemini.batches.cancel",
        "gemini.batches.create",
        "gemini.batches.delete",
        "gemini.count_tokens",
        "gemini.files.continue",
        "gemini.files.delete",
        "gemini.files.upload",
        "gemini.generate",
        "gemini.interactions.cancel",
        "gemini.interactions.create",
        "gemini.interactions.delete",
        "gemini.predict",
        "gemini.prediction_jobs.cancel",
        "gemini.prediction_jobs.create",
        "gemini.prediction_jobs.delete",
        "gemini.stream",
        "gemini.videos.create",
        "gemini.videos.fetch",
        "openai.chat.create",
        "openai.batches.cancel",
        "openai.batches.create",
        "openai.files.create",
        "openai.files.delete",
        "openai.images.create",
        "openai.images.edit",
        "openai.images.vary",
        "openai.provenance.create",
        "openai.responses.create",
        "sdwebui.img2img",
        "sdwebui.interrupt",
        "sdwebui.options.accept",
        "sdwebui.txt2img",
    ),
    # Shows the secret that signs webhooks, sends them again, and shows what happens to all owners' jobs.
    "admin": (
        "deliveries.replay",
        "overview.replay",
        "overview.show",
        "webhook_secret.show",
    ),
}
SCOPE_OF: Mapping[str, KeyScope] = {name: scope for scope, names in _ENDPOINTS.items() for name in names}


def scope_of(endpoint: str) -> KeyScope:
    """Returns the scope that an endpoint needs: admin for one that the table forgot."""
    return SCOPE_OF.get(endpoint, "admin")
