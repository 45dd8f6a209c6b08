"""``python -m tools.vendor_npm [--upgrade | --check]``: the pages' libraries and the fonts, as files here.

The pages are served as they lie here, without a build: a library is one file of its npm package, and so is a
font. ``tools/vendored_npm.json`` names each package, its version, its licence, the hash of npm's archive, and
for each file where it comes from and the SHA-256 that it has here. The command fetches the named versions
with npm; ``--upgrade`` takes the newest ones. ``--check`` compares the files with their hashes, without a
network.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

ROOT = Path(__file__).parents[1]
MANIFEST = ROOT / "tools" / "vendored_npm.json"


class VendorError(Exception):
    """A library cannot be fetched, or is not what the manifest says."""


class VendoredFile(BaseModel):
    """One file of a package. ``replace`` changes pieces of its text, such as the name of another module."""

    model_config = ConfigDict(extra="forbid")

    source: str
    target: str
    replace: list[tuple[str, str]] = []
    sha256: str = ""


class VendoredPackage(BaseModel):
    """One package of npm. Its files are put below ``folder``, its licence among them."""

    model_config = ConfigDict(extra="forbid")

    name: str
    version: str
    licence: str
    archive_sha512: str = ""
    folder: str
    files: list[VendoredFile]


class NpmManifest(BaseModel):
    """Every package that is here."""

    model_config = ConfigDict(extra="forbid")

    packages: list[VendoredPackage]


def read_manifest(path: Path) -> NpmManifest:
    return NpmManifest.model_validate_json(path.read_bytes())


def write_manifest(path: Path, manifest: NpmManifest) -> None:
    path.write_text(json.dumps(manifest.model_dump(exclude_defaults=True), indent=2) + "\n", "utf-8")


def renew_packages(manifest: NpmManifest, root: Path = ROOT, *, upgrade: bool = False) -> None:
    """Fetches every package, writes its files below ``root``, and sets the hashes. Raises VendorError."""
    for package in manifest.packages:
        if upgrade and (newest := _ask_npm(package.name, "version")) != package.version:
            package.version, package.archive_sha512 = newest, ""
        licence = _ask_npm(f"{package.name}@{package.version}", "license")
        if licence != package.licence:
            raise VendorError(
                f"{package.name} {package.version} has the licence {licence}: look at it first."
            )
        with tempfile.TemporaryDirectory() as folder:
            _renew_package(package, _fetch_archive(package, Path(folder)), root)


def _ask_npm(package: str, field: str) -> str:
    answer = _run_npm("view", package, field, "--json")
    return str(json.loads(answer))


def _run_npm(*arguments: str, folder: Path | None = None) -> str:
    try:
        ran = subprocess.run(["npm", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise VendorError("npm is not installed: it fetches the packages.") from None
    if ran.returncode:
        raise VendorError(f"npm {' '.join(arguments)} failed: {ran.stderr.strip()}")
    return ran.stdout


def _fetch_archive(package: VendoredPackage, folder: Path) -> bytes:
    """Returns npm's archive. npm compares it with the registry's hash, and this with the manifest's."""
    _run_npm("pack", "--silent", f"{package.name}@{package.version}", folder=folder)
    (archive,) = folder.glob("*.tgz")
    data = archive.read_bytes()
    found = base64.b64encode(hashlib.sha512(data).digest()).decode()
    if package.archive_sha512 not in ("", found):
        raise VendorError(f"{package.name} {package.version} is another archive than the manifest's.")
    package.archive_sha512 = found
    return data


def _renew_package(package: VendoredPackage, archive: bytes, root: Path) -> None:
    for file in package.files:
        data = _replace_pieces(_read_member(archive, file.source), file, package.name)
        target = root / package.folder / file.target
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        file.sha256 = hashlib.sha256(data).hexdigest()


def _read_member(archive: bytes, name: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
        try:
            member = opened.extractfile(f"package/{name}")
        except KeyError:
            member = None
        if member is None:
            raise VendorError(f"The archive has no file {name}.")
        return member.read()


def _replace_pieces(data: bytes, file: VendoredFile, package: str) -> bytes:
    for old, new in file.replace:
        if old.encode() not in data:
            raise VendorError(f"{package}: {file.source} does not contain {old}.")
        data = data.replace(old.encode(), new.encode())
    return data


def check_files(manifest: NpmManifest, root: Path = ROOT) -> Iterator[str]:
    """Yields each file that is missing, has other bytes, or is in a vendor folder and in no manifest."""
    known: set[Path] = set()
    for package in manifest.packages:
        for file in package.files:
            path = root / package.folder / file.target
            known.add(path)
            if not path.is_file():
                yield f"{package.folder}/{file.target} is missing"
            elif hashlib.sha256(path.read_bytes()).hexdigest() != file.sha256:
                yield f"{package.folder}/{file.target} is not {package.name} {package.version}"
    for folder in sorted({package.folder for package in manifest.packages}):
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path not in known:
                yield f"{path.relative_to(root).as_posix()} is in no package"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.vendor_npm", description="Renew the pages' libraries, and the fonts."
    )
    parser.add_argument("--check", action="store_true", help="fetch nothing; fail where a file differs")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    options = parser.parse_args(arguments)
    manifest = read_manifest(MANIFEST)
    if options.check:
        return _report(list(check_files(manifest)))
    try:
        renew_packages(manifest, upgrade=options.upgrade)
    except VendorError as error:
        print(error, file=sys.stderr)
        return 1
    write_manifest(MANIFEST, manifest)
    for package in manifest.packages:
        print(f"{package.name} {package.version}, {package.licence}")
    return 0


def _report(faults: list[str]) -> int:
    for fault in faults:
        print(f"{fault}: run python -m tools.vendor_npm", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
