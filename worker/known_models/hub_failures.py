"""Turns the failures of the hub's client into the contract's errors."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from errno import ENOSPC

from functions.contract.errors import ModelUnavailable


@contextmanager
def hub_failures(repository: str, revision: str) -> Generator[None]:
    """Raises ModelUnavailable, which says what to do, for what the hub refuses and for a hub out of reach."""
    from huggingface_hub import errors

    # httpx's or httpx2's, whichever this version of the hub's client is built on
    transport = errors.HTTPError  # pyright: ignore[reportPrivateImportUsage]

    try:
        yield
    except errors.GatedRepoError:
        raise ModelUnavailable(
            f"{repository} is gated. Sign in at https://huggingface.co/{repository} and accept its licence "
            "there, make a token that may read at https://huggingface.co/settings/tokens, and set HF_TOKEN "
            "to it."
        ) from None
    except errors.RepositoryNotFoundError:
        raise ModelUnavailable(
            f"The hub has no model {repository}, or it is private: check the id, or set HF_TOKEN."
        ) from None
    except errors.RevisionNotFoundError:
        raise ModelUnavailable(
            f"{repository} has no {_revision_text(revision)} on the hub; check the revision."
        ) from None
    except (OSError, transport) as error:
        if isinstance(error, OSError) and error.errno == ENOSPC:
            raise ModelUnavailable(f"The disk is full; {repository} is not here as a whole.") from None
        raise ModelUnavailable(
            f"{repository} is not on this machine and cannot be fetched from the hub "
            f"({type(error).__name__}). Check the network, or name a directory or a gs:// prefix that holds "
            "the model."
        ) from None


def _revision_text(revision: str) -> str:
    return f"commit {revision}" if len(revision) == 40 else f"branch, tag or commit {revision}"
