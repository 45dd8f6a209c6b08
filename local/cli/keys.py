"""``plantain keys``: makes, lists, revokes and replaces API keys, and limits their owners."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer
from pydantic import ValidationError
from rich.markup import escape

from functions.contract.api_keys.digests import digest_key
from functions.contract.api_keys.key_list import KeyEntry, KeyList, KeyScope
from functions.contract.api_keys.key_text import NewKey, make_key
from functions.contract.document import now
from functions.contract.errors import InvalidRequest, NotFound
from functions.contract.owner_limits import OwnerLimits
from functions.contract.timestamps import format_time, parse_time
from functions.contract.validation.messages import explain_fault
from local.cli.output import JsonOption, borderless_table, err, out, print_json

if TYPE_CHECKING:
    from local.key_stores.key_store import KeyStore

HELP = """Makes, lists, revokes and replaces API keys, and limits their owners.

They are in the file that PLANTAIN_API_KEYS_FILE or --file names, or in Secret Manager (--secret).
"""
app = typer.Typer(name="keys", help=HELP, no_args_is_help=True)

_SPAN = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_SECRET = re.compile(r"projects/[^/]+/secrets/[^/]+")

FileOption = Annotated[
    Path | None,
    typer.Option("--file", envvar="PLANTAIN_API_KEYS_FILE", help="The file with the list of keys."),
]
SecretOption = Annotated[
    str | None,
    typer.Option(
        "--secret",
        metavar="NAME",
        help="The secret with the list of keys, projects/PROJECT/secrets/NAME, in place of a file.",
    ),
]
KeyId = Annotated[
    str, typer.Argument(metavar="ID", help="The id of the key, as `plantain keys list` shows it.")
]


@app.command("create")
def create_key(
    owner: Annotated[str, typer.Option(help="Who owns the jobs of the key's caller.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    scopes: Annotated[
        str, typer.Option(help="What its caller may do: generate, read, admin; several by commas.")
    ] = "generate,read",
    expires: Annotated[
        str | None, typer.Option(help="When it ends: 90d, 12h, or a time such as 2027-01-31T00:00:00Z.")
    ] = None,
    file: FileOption = None,
    secret: SecretOption = None,
    json: JsonOption = False,
) -> None:
    """Makes a key and shows it once: only its SHA-256 is kept."""
    key = make_key()
    entry = KeyEntry(
        sha256=digest_key(key.text),
        owner=_not_empty(owner),
        name=name,
        scopes=_read_scopes(scopes),
        created=now(),
        expires=_read_end(expires),
    )
    _open_store(file, secret).change(lambda listed: listed.with_entry(key.id, entry))
    _show_key(key, entry, json)


@app.command("list")
def list_keys(file: FileOption = None, secret: SecretOption = None, json: JsonOption = False) -> None:
    """Lists the keys, without anything that could be used as one."""
    listed, at = _open_store(file, secret).read(), now()
    if json:
        limits = {owner: each.model_dump(exclude_none=True) for owner, each in listed.limits.items()}
        facts = [_facts_of(key_id, entry, at) for key_id, entry in listed.keys.items()]
        print_json({"keys": facts, "limits": limits})
        return
    rows = borderless_table("id", "owner", "name", "scopes", "created", "state")
    for key_id, entry in listed.keys.items():
        created = format_time(entry.created)[:10]
        told = (escape(entry.owner), escape(entry.name), ",".join(entry.scopes))
        rows.add_row(key_id, *told, created, _state_of(entry, at))
    for digest, owner in listed.digests.items():
        rows.add_row(digest[:8], escape(owner), "a key without an id", "generate,read,admin", "", "good")
    out.print(rows)
    for owner, limits in listed.limits.items():
        told = ", ".join(f"{name} {value}" for name, value in limits.model_dump(exclude_none=True).items())
        out.print(f"{owner}: {told}", markup=False, highlight=False)


@app.command("revoke")
def revoke_key(key_id: KeyId, file: FileOption = None, secret: SecretOption = None) -> None:
    """Revokes a key, for good. Running instances stop to take it within a minute.

    A key without an id is named by the first 8 digits of its SHA-256, or more, and is taken out of the list.
    """
    _open_store(file, secret).change(lambda listed: _revoked(listed, key_id))
    err.print(f"Revoked {key_id}. Within a minute no instance takes it.", highlight=False, markup=False)


@app.command("rotate")
def rotate_key(
    key_id: KeyId,
    keep: Annotated[str, typer.Option(help="How long the old key is still taken: 30m, 12h, 7d.")] = "1d",
    file: FileOption = None,
    secret: SecretOption = None,
    json: JsonOption = False,
) -> None:
    """Makes a new key like an old one, and lets the old one expire."""
    store, key, end = _open_store(file, secret), make_key(), _read_end(keep)
    old = _entry_of(store.read(), key_id)
    new = old.model_copy(update={"sha256": digest_key(key.text), "created": now(), "expires": None})
    ending = old.model_copy(update={"expires": end})
    store.change(
        lambda listed: listed.with_entry(key.id, new).with_entry(
            key_id, listed.keys.get(key_id, old).merged_with(ending)
        )
    )
    _show_key(key, new, json)


@app.command("limit")
def limit_owner(
    owner: Annotated[str, typer.Argument(help="The owner, or * for every owner without limits of its own.")],
    jobs_at_once: Annotated[int | None, typer.Option(help="Jobs that have not ended.")] = None,
    jobs_per_minute: Annotated[int | None, typer.Option(help="New jobs within 60 seconds.")] = None,
    bytes_per_day: Annotated[int | None, typer.Option(help="Bytes of pictures that new jobs take.")] = None,
    file: FileOption = None,
    secret: SecretOption = None,
) -> None:
    """Sets the limits of an owner, whichever of its keys is used. Without a limit it removes them."""
    given = {
        "jobs_at_once": jobs_at_once,
        "jobs_per_minute": jobs_per_minute,
        "bytes_per_day": bytes_per_day,
    }
    limits = _read_limits({name: value for name, value in given.items() if value is not None})
    _open_store(file, secret).change(lambda listed: listed.with_limits(_not_empty(owner), limits))
    told = ", ".join(f"{name} {value}" for name, value in limits.model_dump(exclude_none=True).items())
    err.print(f"{owner}: {told or 'no limits of its own'}.", highlight=False, markup=False)


def _open_store(file: Path | None, secret: str | None) -> KeyStore:
    from local.key_stores.key_file import KeyFile
    from local.key_stores.secret_versions import SecretVersions, application_token

    if secret is not None:
        if not _SECRET.fullmatch(secret):
            raise InvalidRequest("--secret: write it as projects/PROJECT/secrets/NAME.")
        return SecretVersions(secret, application_token)
    if file is None:
        raise InvalidRequest("Say where the keys are: --file, PLANTAIN_API_KEYS_FILE, or --secret.")
    return KeyFile(file)


def _show_key(key: NewKey, entry: KeyEntry, json: bool) -> None:
    if json:
        print_json({"key": key.text, **_facts_of(key.id, entry, now())})
        return
    out.print(key.text, markup=False, highlight=False, soft_wrap=True)
    err.print(
        f"Key {key.id} of {entry.owner}. It is not shown again. Within a minute every instance takes it.",
        highlight=False,
        markup=False,
    )


def _facts_of(key_id: str, entry: KeyEntry, at: datetime) -> dict[str, object]:
    facts = entry.model_dump(mode="json", exclude={"sha256"}, exclude_none=True)
    return {"id": key_id, **facts, "state": _state_of(entry, at)}


def _state_of(entry: KeyEntry, at: datetime) -> str:
    if entry.revoked is not None:
        return "revoked"
    return "expired" if entry.refusal(at) else "good"


def _revoked(listed: KeyList, key_id: str) -> KeyList:
    if key_id in listed.keys:
        entry = listed.keys[key_id]
        return listed.with_entry(key_id, entry.model_copy(update={"revoked": entry.revoked or now()}))
    plain = [digest for digest in listed.digests if digest.lower().startswith(key_id.lower())]
    if len(key_id) < 8 or len(plain) != 1:
        raise NotFound(f"There is no key {key_id}: `plantain keys list` shows all of them.")
    return listed.model_copy(
        update={"digests": {each: owner for each, owner in listed.digests.items() if each != plain[0]}}
    )


def _entry_of(listed: KeyList, key_id: str) -> KeyEntry:
    entry = listed.keys.get(key_id)
    if entry is None or entry.refusal(now()):
        raise NotFound(f"There is no good key {key_id}: `plantain keys list` shows all of them.")
    return entry


def _not_empty(owner: str) -> str:
    if not owner.strip():
        raise InvalidRequest("--owner: name the owner.")
    return owner


def _read_scopes(text: str) -> tuple[KeyScope, ...]:
    given = tuple(part.strip() for part in text.split(","))
    if unknown := [part for part in given if part not in get_args(KeyScope)]:
        raise InvalidRequest(f"--scopes: {unknown[0]!r} is none of {', '.join(get_args(KeyScope))}.")
    return cast("tuple[KeyScope, ...]", tuple(dict.fromkeys(given)))


def _read_limits(given: dict[str, int]) -> OwnerLimits:
    try:
        return OwnerLimits.model_validate(given)
    except ValidationError as error:
        raise InvalidRequest(explain_fault(error)) from None


def _read_end(text: str | None) -> datetime | None:
    """Returns when a key ends. Raises InvalidRequest for a time that is over, and for what is none."""
    if text is None:
        return None
    if span := _SPAN.fullmatch(text):
        return now() + timedelta(**{_UNITS[span[2]]: int(span[1])})
    end = parse_time(text)
    if end is None or end <= now():
        raise InvalidRequest(f"{text}: write 90d, 12h, 30m, or a time to come such as 2027-01-31T00:00:00Z.")
    return end
