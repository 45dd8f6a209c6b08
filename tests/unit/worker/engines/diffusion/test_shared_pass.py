"""Pictures that share a pass are those that are drawn alone, for every family and task."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from functions.contract.errors import Canceled, EngineFailed, OutOfMemory
from tests.unit.worker.engines.diffusion.test_engine import FAMILIES, REFERENCES, REGIONS, STRENGTHS, Photo
from worker.engines.diffusion import DiffusersEngine, pass_profile
from worker.engines.diffusion.decoding import decoder
from worker.engines.pass_limits import PassLimits, PassPoint
from worker.engines.protocol import Brief, Encoded, OnStep, Picture
from worker.engines.shared_pass import PassDrawing

pytestmark = pytest.mark.slow

PROMPTS = ("a red boat on the sea at night", "a sea boat on the red at night")  # of as many tokens
ROUNDING = 1e-4  # of pictures in 0–1: what another order of sums comes to in float32
CASES = [
    *((name, "text") for name in FAMILIES),
    *((name, "image") for name in STRENGTHS if name != "klein"),
    *((name, "region") for name in REGIONS),
    *((name, "seen") for name in REFERENCES),  # one job's pictures: the images are the same
]

# This pipeline encodes the images of a pass in one call. Not all kernels of its encoder are given one row.
ONE_ENCODING = [("klein", "region")]


def ignore(_step: int, _of: int, _preview: Callable[[], Picture] | None) -> None:
    """An OnStep that lets the engine go on."""


@contextmanager
def kernels_row_by_row() -> Generator[None]:
    """Computes as for a picture alone. Given more rows at once, BLAS adds in another order, and the end of a
    tensor, where vectors of the processor are not full, is at another place.
    """

    def row_by_row(kernel: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        def apply(x: torch.Tensor, *others: Any, **named: Any) -> torch.Tensor:
            rows = x.split(1) if x.ndim > 1 else [x]
            return torch.cat([kernel(row.clone(), *others, **named) for row in rows])

        return apply

    attend = torch.nn.functional.scaled_dot_product_attention

    def attend_row_by_row(
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attn_mask: torch.Tensor | None = None,
        **named: Any,
    ) -> torch.Tensor:
        masks = [attn_mask] * len(query)
        if attn_mask is not None and len(attn_mask) == len(query):
            masks = [mask.clone() for mask in attn_mask.split(1)]
        rows = zip(*(each.split(1) for each in (query, key, value)), masks, strict=True)
        return torch.cat([attend(q.clone(), k.clone(), v.clone(), m, **named) for q, k, v, m in rows])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.nn.functional, "scaled_dot_product_attention", attend_row_by_row)
        for name in ("linear", "conv2d", "silu", "group_norm"):
            patch.setattr(torch.nn.functional, name, row_by_row(getattr(torch.nn.functional, name)))
        yield


def encode(engine: DiffusersEngine, task: str, photo: Photo) -> list[Encoded]:
    def brief(n: int) -> Brief:
        fields: dict[str, Any] = {"prompt": PROMPTS[n], "width": 1024, "height": 1024, "steps": 2}
        if task in ("image", "region"):
            fields |= {"images": (photo(seed=n),), "strength": 0.7}
        if task == "region":
            fields["mask"] = np.full((96, 96), 0.5 + 0.5 * n, np.float32)
        return Brief(**fields)

    if task == "seen":
        return [engine.encode(Brief(prompt=PROMPTS[0], width=64, height=64, steps=2, images=(photo(),)))] * 2
    return [engine.encode(brief(n)) for n in range(2)]


def together(engine: DiffusersEngine, encoded: Sequence[Encoded], *on_steps: OnStep) -> list[Any]:
    """The outcomes of one pass, with a seed for each picture."""
    steps = on_steps or (ignore,) * len(encoded)
    drawings = [
        PassDrawing(each, n, on_step) for n, (each, on_step) in enumerate(zip(encoded, steps, strict=True))
    ]
    return engine.diffuse_together(drawings)


@pytest.mark.parametrize(("name", "task"), CASES)
def test_a_picture_is_the_same_alone_and_in_a_pass(
    name: str, task: str, request: pytest.FixtureRequest, photo: Photo
) -> None:
    engine: DiffusersEngine = request.getfixturevalue(name)
    encoded = encode(engine, task, photo)
    assert len({engine.pass_key(each) for each in encoded}) == 1
    with kernels_row_by_row():
        alone = [engine.diffuse(each, n, ignore) for n, each in enumerate(encoded)]
        shared = together(engine, encoded)
    assert not np.array_equal(alone[0], alone[1])
    if (name, task) not in ONE_ENCODING:
        np.testing.assert_array_equal(shared, alone)
    np.testing.assert_allclose(shared, alone, atol=ROUNDING)
    np.testing.assert_allclose(together(engine, encoded), alone, atol=ROUNDING)


def test_on_a_cpu_every_picture_is_drawn_alone(klein: DiffusersEngine) -> None:
    assert klein.profile_passes(8).most == 1
    assert klein.pass_limit(klein.encode(Brief(prompt=PROMPTS[0], width=64, height=64))) == 1


def test_a_gpu_is_profiled_until_a_pass_gains_no_more(
    klein: DiffusersEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The GPU is made up: a step takes as long for two pictures as for one, and four are out of memory."""
    family: Any = SimpleNamespace(
        device=SimpleNamespace(type="cuda"),
        settings=SimpleNamespace(native_area=64 * 64),
        needs_image=False,
        images_share_passes=False,
    )
    passes, drawing = list[int](), klein.diffuse_together
    clock = iter(range(1_000))

    def diffuse_together(drawings: Sequence[PassDrawing]) -> list[Any]:
        passes.append(len(drawings))
        if len(drawings) > 2:
            raise OutOfMemory("full")
        return drawing(drawings)

    gpu: dict[str, Callable[[Any], object]] = {
        "mem_get_info": lambda _device: (1 << 30, 1 << 30),
        "memory_allocated": lambda _device: 100,
        "max_memory_allocated": lambda _device: 100 + 50 * passes[-1],
        "memory_reserved": lambda _device: 100,
        "synchronize": lambda _device: None,
        "reset_peak_memory_stats": lambda _device: None,
    }
    for name, function in gpu.items():
        monkeypatch.setattr(torch.cuda, name, function)
    monkeypatch.setattr(pass_profile, "time", SimpleNamespace(perf_counter=lambda: float(next(clock))))
    monkeypatch.setattr(klein, "diffuse_together", diffuse_together)
    limits = pass_profile.profile_family(klein, family, 8)
    assert passes == [1, 2, 4]
    assert limits.points == (PassPoint(64 * 64, 2, picture_bytes=50),)


def test_a_picture_that_is_canceled_or_broken_leaves_the_others(
    klein: DiffusersEngine, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = [*encode(klein, "text", photo), *encode(klein, "text", photo)[:1]]
    whole = together(klein, encoded)
    decode, rows = decoder.decode_latents, iter(range(3))

    def decode_one_wrongly(vae: Any, latents: Any, *options: Any) -> Picture:
        return decode(vae, latents * float("nan") if next(rows) == 1 else latents, *options)

    def cancel(step: int, _of: int, _preview: object) -> None:
        if step == 1:
            raise Canceled("stop")

    monkeypatch.setattr(decoder, "decode_latents", decode_one_wrongly)
    first, second, third = together(klein, encoded, cancel, ignore, ignore)
    assert isinstance(first, Canceled)
    np.testing.assert_array_equal(second, whole[1])
    assert isinstance(third, EngineFailed)


def test_a_pass_that_was_too_large_is_not_tried_again(
    klein: DiffusersEngine, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = encode(klein, "text", photo)
    monkeypatch.setattr(klein, "_pass_limits", PassLimits((PassPoint(64 * 64, 8),)))
    monkeypatch.setattr(klein, "_room", {})
    assert klein.pass_limit(encoded[0]) == 8

    def full(*_: object) -> None:
        raise OutOfMemory("full")

    monkeypatch.setattr(klein, "_denoise", full)
    with pytest.raises(OutOfMemory):
        together(klein, encoded * 2)
    assert klein.pass_limit(encoded[0]) == 2


def test_what_a_pipeline_shows_to_all_pictures_must_be_the_same(klein: DiffusersEngine, photo: Photo) -> None:
    one, other = (
        klein.encode(Brief(prompt=PROMPTS[0], width=64, height=64, images=(photo(seed=seed),)))
        for seed in (1, 2)
    )
    assert klein.pass_key(one) == klein.pass_key(one)
    assert klein.pass_key(one) != klein.pass_key(other)
