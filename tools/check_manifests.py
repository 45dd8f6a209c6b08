"""Checks the manifests of ``terraform/gke`` against the schemas of Kubernetes and of KEDA, without a network.

Run it as ``python -m tools.check_manifests``. The schemas come with two packages: kubernetes-validate has
those of Kubernetes' releases, and cloudcoil-models-keda has KEDA's resources as pydantic models.
``kubectl kustomize`` puts an overlay on its base; where kubectl is missing, only the base is checked,
and that is said.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import kubernetes_validate
import yaml
from pydantic import BaseModel, ValidationError

GKE = Path(__file__).parents[1] / "terraform" / "gke"
KUBERNETES = "1.37"  # the schemas' version; every resource here has had its present form since 1.25
Manifest = dict[str, Any]


class OverlayRefused(Exception):
    """kustomize cannot put an overlay on its base."""


def read_manifests(file: Path) -> list[Manifest]:
    """Returns the manifests of one file. Raises ``yaml.YAMLError``."""
    return [manifest for manifest in yaml.safe_load_all(file.read_text("utf-8")) if manifest]


def build_overlay(folder: Path) -> list[Manifest]:
    """Returns what ``kubectl apply -k FOLDER`` would apply. Raises OverlayRefused."""
    built = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False)
    if built.returncode != 0:
        raise OverlayRefused(built.stderr.strip())
    return list(yaml.safe_load_all(built.stdout))


def check_manifest(manifest: Manifest) -> list[str]:
    """Returns what the schema of the manifest's kind refuses, unknown fields among it."""
    if str(manifest.get("apiVersion")).startswith("keda.sh/"):
        return _check_keda(manifest)
    try:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
    except kubernetes_validate.SchemaNotFoundError:
        return [f"Kubernetes {KUBERNETES} has no {manifest.get('apiVersion')} {manifest.get('kind')}."]
    except kubernetes_validate.ValidationError as error:
        refusal = cast(Any, error)
        return [f"{'.'.join(str(step) for step in refusal.path)}: {refusal.message}"]
    return []


def _keda_model(kind: str) -> type[BaseModel] | None:
    """Returns the model of a kind of KEDA's. They take a second to import, and only an overlay has any."""
    from cloudcoil.models.keda import v1alpha1 as keda

    models: dict[str, type[BaseModel]] = {
        "ScaledObject": keda.ScaledObject,
        "TriggerAuthentication": keda.TriggerAuthentication,
    }
    return models.get(kind)


def _check_keda(manifest: Manifest) -> list[str]:
    model = _keda_model(str(manifest.get("kind")))
    if model is None:
        return [f"no schema for KEDA's {manifest.get('kind')}"]
    try:
        understood = model.model_validate(manifest)
    except ValidationError as error:
        return [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()]
    # The models take unknown fields and numbers in quotes: what they understood has to be all that there was.
    return list(
        _differences("", manifest, understood.model_dump(by_alias=True, exclude_unset=True, mode="json"))
    )


def _differences(path: str, given: Any, understood: Any) -> Iterator[str]:
    if isinstance(given, dict) and isinstance(understood, dict):
        fields = cast(Manifest, given)
        for name, value in fields.items():
            if name not in understood:
                yield f"{path}{name}: there is no such field"
            else:
                yield from _differences(f"{path}{name}.", value, understood[name])
    elif isinstance(given, list) and isinstance(understood, list):
        items = cast(list[Any], given)
        for n, (value, known) in enumerate(zip(items, cast(list[Any], understood), strict=True)):
            yield from _differences(f"{path}{n}.", value, known)
    elif given != understood or type(given) is not type(understood):
        yield f"{path.rstrip('.')}: {given!r} is not of its type"


def check_all(folder: Path = GKE) -> list[str]:
    """Returns every problem of the base's files, and of each overlay where there is a kubectl."""
    problems: list[str] = []
    for file in sorted((folder / "base").glob("*.yaml")):
        if file.name != "kustomization.yaml":
            problems += _problems(file.name, read_manifests(file))
    if shutil.which("kubectl") is None:
        print("kubectl kustomize: skipped, kubectl is not installed")
        return problems
    for overlay in sorted(folder.iterdir()):
        try:
            problems += _problems(overlay.name, build_overlay(overlay))
        except OverlayRefused as error:
            problems.append(f"{overlay.name}: {error}")
    return problems


def _problems(where: str, manifests: list[Manifest]) -> list[str]:
    return [
        f"{where}: {manifest.get('kind')}: {problem}"
        for manifest in manifests
        for problem in check_manifest(manifest)
    ]


def main() -> int:
    problems = check_all()
    print("\n".join(problems) or "The manifests are what Kubernetes and KEDA take.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
