"""The rooms of each package in one order: a room imports only rooms below it, so that no circle can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.code_structure import CodeStructure, find_circles, measure_checkout, room_graph

ROOT = Path(__file__).parents[2]
ROOMS = {
    "functions": (
        "main triggers api studio api_docs waiting operations batches files intake limits deletion "
        "notifications lifecycle services http_edge vertex_endpoint tracing job_end_watcher policy "
        "cloud_events signed_urls callers owners contract"
    ),
    "worker": (
        "__main__ vertex_container offline runtime job_io stage_processes stages screening lettering "
        "typesetting vision prompt_intent language_models outpainting engines known_models verification "
        "watermark credentials scene_critic scene_vocabulary upscaler cold_start leases clips pictures "
        "settings"
    ),
    "training": "onnx_export sheets starter critic upscaler networks examples scenes",
    "local": (
        "demo cli mcp stack model_store client key_stores eventarc vertex_emulator traces pubsub storage "
        "topology capacity data_folder http_servers light_imports"
    ),
    "tools": (
        "reference deploy_vertex preflight gcloud check_manifests check_terraform bundle_functions "
        "lock_requirements vendor_npm code_structure studio_pictures"
    ),
}
"""From the top down: what starts a process first, what everything stands on last."""


@pytest.fixture(scope="module")
def structure() -> CodeStructure:
    return measure_checkout(ROOT)


def test_no_modules_import_each_other_in_a_circle(structure: CodeStructure) -> None:
    assert find_circles(structure.imports) == []


def test_no_rooms_import_each_other_in_a_circle(structure: CodeStructure) -> None:
    assert find_circles(room_graph(structure.imports)) == []


@pytest.mark.parametrize("package", ROOMS)
def test_every_room_has_its_place(structure: CodeStructure, package: str) -> None:
    rooms = {
        room.partition(".")[2] for room in room_graph(structure.imports) if room.startswith(f"{package}.")
    }
    assert rooms == set(ROOMS[package].split())


@pytest.mark.parametrize("package", ROOMS)
def test_a_room_imports_only_rooms_below_it(structure: CodeStructure, package: str) -> None:
    order = [f"{package}.{room}" for room in ROOMS[package].split()]
    graph = room_graph(structure.imports)
    upward = [
        (importer, imported)
        for height, importer in enumerate(order)
        for imported in graph[importer]
        if imported in order[:height]
    ]
    assert upward == []
