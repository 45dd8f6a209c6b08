"""The pages' libraries: what is here is what the manifest says, and npm's archives are read as they are."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import vendor_npm
from tools.vendor_npm import (
    MANIFEST,
    NpmManifest,
    VendorError,
    check_files,
    main,
    read_manifest,
    renew_packages,
    write_manifest,
)

SOURCE = b'import{a}from"other";export{a}'


def archive(**files: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as packed:
        for name, data in files.items():
            member = tarfile.TarInfo(f"package/{name}.js")
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    return target.getvalue()


def manifest(**file: object) -> NpmManifest:
    package = {
        "name": "a-library",
        "version": "1.0.0",
        "licence": "MIT",
        "folder": "page/vendor",
        "files": [{"source": "main.js", "target": "library.js", **file}],
    }
    return NpmManifest.model_validate({"packages": [package]})


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a registry of one package in npm's place."""

    def publish(data: bytes, version: str = "1.0.0", licence: str = "MIT") -> None:
        def run(*arguments: str, folder: Path | None = None) -> str:
            if arguments[0] == "view":
                return json.dumps({"version": version, "license": licence}[arguments[2]])
            assert folder is not None
            (folder / "a-library.tgz").write_bytes(data)
            return ""

        monkeypatch.setattr(vendor_npm, "_run_npm", run)

    return publish


def test_what_is_here_is_what_the_manifest_says() -> None:
    assert list(check_files(read_manifest(MANIFEST))) == []
    assert main(["--check"]) == 0


def test_the_licence_of_each_library_is_here() -> None:
    for package in read_manifest(MANIFEST).packages:
        assert any("LICENSE" in file.target for file in package.files), package.name


def test_a_renewed_library_has_its_hash_and_names_its_neighbour(
    tmp_path: Path, npm: Callable[..., None]
) -> None:
    npm(archive(main=SOURCE))
    wanted = manifest(replace=[['from"other"', 'from"./other.js"']])
    renew_packages(wanted, tmp_path)
    written = (tmp_path / "page/vendor/library.js").read_bytes()
    assert written == b'import{a}from"./other.js";export{a}'
    assert wanted.packages[0].files[0].sha256 == hashlib.sha256(written).hexdigest()
    assert list(check_files(wanted, tmp_path)) == []
    write_manifest(tmp_path / "manifest.json", wanted)
    assert read_manifest(tmp_path / "manifest.json") == wanted


def test_a_changed_a_missing_and_an_unknown_file_are_found(tmp_path: Path, npm: Callable[..., None]) -> None:
    npm(archive(main=SOURCE))
    wanted = manifest()
    renew_packages(wanted, tmp_path)
    folder = tmp_path / "page/vendor"
    (folder / "library.js").write_bytes(SOURCE + b" ")
    (folder / "stray.js").write_bytes(b"")
    assert list(check_files(wanted, tmp_path)) == [
        "page/vendor/library.js is not a-library 1.0.0",
        "page/vendor/stray.js is in no package",
    ]
    (folder / "library.js").unlink()
    assert "page/vendor/library.js is missing" in check_files(wanted, tmp_path)


def test_the_same_version_with_other_bytes_is_refused(tmp_path: Path, npm: Callable[..., None]) -> None:
    wanted = manifest()
    npm(archive(main=SOURCE))
    renew_packages(wanted, tmp_path)
    npm(archive(main=b"something else"))
    with pytest.raises(VendorError, match="another archive"):
        renew_packages(wanted, tmp_path)
    assert (tmp_path / "page/vendor/library.js").read_bytes() == SOURCE


def test_a_newer_version_is_taken_only_when_asked_for(tmp_path: Path, npm: Callable[..., None]) -> None:
    wanted = manifest()
    npm(archive(main=SOURCE), version="1.1.0")
    renew_packages(wanted, tmp_path)
    assert wanted.packages[0].version == "1.0.0"
    renew_packages(wanted, tmp_path, upgrade=True)
    assert wanted.packages[0].version == "1.1.0"


def test_another_licence_and_a_file_that_is_gone_stop_it(tmp_path: Path, npm: Callable[..., None]) -> None:
    npm(archive(main=SOURCE), licence="UNLICENSED")
    with pytest.raises(VendorError, match="licence UNLICENSED"):
        renew_packages(manifest(), tmp_path)
    npm(archive(other=SOURCE))
    with pytest.raises(VendorError, match=r"no file main\.js"):
        renew_packages(manifest(), tmp_path)
    npm(archive(main=SOURCE))
    with pytest.raises(VendorError, match="does not contain"):
        renew_packages(manifest(replace=[["never", ""]]), tmp_path)
