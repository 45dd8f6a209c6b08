"""Tiny checkpoints of the real classes with random weights, each saved once as a user would save theirs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.flux.pipeline_flux import FluxPipeline
from diffusers.pipelines.flux2.pipeline_flux2_klein import Flux2KleinPipeline
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import StableDiffusionXLPipeline
from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from transformers import CLIPTextModel, CLIPTextModelWithProjection

from tests.unit.worker.engines.diffusion.tiny_models import (
    TINY_FLUX,
    TINY_VAE,
    clip_config,
    flux2_vae,
    make_certain,
    qwen3,
    save_flux2_dev,
    save_qwen_image,
    save_sana,
    save_sana_sprint,
    save_sd3,
    save_z_image,
    shifted_vae,
    t5_encoder,
    write_card,
)
from tests.unit.worker.engines.diffusion.tiny_tokenizers import clip_tokenizer, qwen_tokenizer, t5_tokenizer
from worker.engines.diffusion import DiffusersEngine
from worker.engines.protocol import Brief, Picture


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tiny layers gain nothing from more, and the machine is shared."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def klein_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A FLUX.2 klein that draws 64 x 64 in multiples of 4 px, with guidance, and its card."""
    return _save_klein(tmp_path_factory.mktemp("klein"), TINY_VAE)


@pytest.fixture(scope="session")
def large_decoder_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a decoder of two levels more than its encoder: its pictures are four times as large."""
    levels = {"decoder_block_out_channels": [8, 8, 8, 16], "up_block_types": ["UpDecoderBlock2D"] * 4}
    return _save_klein(tmp_path_factory.mktemp("large-decoder"), TINY_VAE | levels)


def _save_klein(directory: Path, vae_config: dict[str, Any]) -> Path:
    torch.manual_seed(0)
    transformer = Flux2Transformer2DModel.from_config(
        TINY_FLUX | {"joint_attention_dim": 48, "axes_dims_rope": [4, 4, 4, 4], "guidance_embeds": False}
    )
    parts: dict[str, Any] = {
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        "vae": flux2_vae(vae_config),
        "text_encoder": qwen3(),
        "tokenizer": qwen_tokenizer(),
        "transformer": transformer,
    }
    Flux2KleinPipeline(**parts).save_pretrained(directory)
    card = {
        "name": "tiny-klein",
        "revision": "r1",
        "native_area": 4096,
        "max_native_side": 128,
        "steps": 3,
        "guidance": 2.0,
        "max_sequence_length": 24,
        "tasks": ["generate", "edit"],
    }
    (directory / "plantain.json").write_text(json.dumps(card))
    return directory


@pytest.fixture(scope="session")
def sdxl_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SDXL that draws 64 x 64 and has no card."""
    torch.manual_seed(0)
    unet = UNet2DConditionModel.from_config(
        {
            "sample_size": 32,
            "block_out_channels": [8, 16],
            "layers_per_block": 1,
            "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
            "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
            "attention_head_dim": [2, 4],
            "use_linear_projection": True,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "transformer_layers_per_block": [1, 1],
            "projection_class_embeddings_input_dim": 6 * 8 + 32,
            "cross_attention_dim": 2 * 32,
            "norm_num_groups": 4,
        }
    )
    vae: Any = AutoencoderKL.from_config(TINY_VAE)
    make_certain(vae.quant_conv)
    parts: dict[str, Any] = {
        "vae": vae,
        "text_encoder": CLIPTextModel(clip_config()),
        "text_encoder_2": CLIPTextModelWithProjection(clip_config()),
        "tokenizer": clip_tokenizer(tmp_path_factory.mktemp("clip")),
        "tokenizer_2": clip_tokenizer(tmp_path_factory.mktemp("clip")),
        "unet": unet,
        "scheduler": EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"
        ),
    }
    directory = tmp_path_factory.mktemp("sdxl")
    StableDiffusionXLPipeline(**parts, add_watermarker=False).save_pretrained(directory)
    return directory


@pytest.fixture(scope="session")
def flux1_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A FLUX.1 dev, whose card gives it the size 64 x 64."""
    torch.manual_seed(0)
    transformer = FluxTransformer2DModel.from_config(
        TINY_FLUX
        | {
            "joint_attention_dim": 32,
            "pooled_projection_dim": 32,
            "axes_dims_rope": [4, 4, 8],
            "guidance_embeds": True,
        }
    )
    parts: dict[str, Any] = {
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        "vae": shifted_vae(),
        "text_encoder": CLIPTextModel(clip_config()),
        "tokenizer": clip_tokenizer(tmp_path_factory.mktemp("clip")),
        "text_encoder_2": t5_encoder(32),
        "tokenizer_2": t5_tokenizer(),
        "transformer": transformer,
    }
    directory = tmp_path_factory.mktemp("flux1")
    FluxPipeline(**parts).save_pretrained(directory)
    return write_card(directory)


@pytest.fixture(scope="session")
def sana_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_sana(tmp_path_factory.mktemp("sana"))


@pytest.fixture(scope="session")
def sana_sprint_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_sana_sprint(tmp_path_factory.mktemp("sana-sprint"))


@pytest.fixture(scope="session")
def qwen_image_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_qwen_image(tmp_path_factory.mktemp("qwen-image"))


@pytest.fixture(scope="session")
def z_image_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_z_image(tmp_path_factory.mktemp("z-image"))


@pytest.fixture(scope="session")
def sd3_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_sd3(tmp_path_factory.mktemp("sd3"), tmp_path_factory.mktemp("sd3-tokenizers"))


@pytest.fixture(scope="session")
def flux2_dev_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_flux2_dev(tmp_path_factory.mktemp("flux2-dev"))


@pytest.fixture(scope="session")
def klein(klein_directory: Path) -> DiffusersEngine:
    return _loaded(klein_directory)


@pytest.fixture(scope="session")
def sdxl(sdxl_directory: Path) -> DiffusersEngine:
    return _loaded(sdxl_directory)


@pytest.fixture(scope="session")
def flux1(flux1_directory: Path) -> DiffusersEngine:
    return _loaded(flux1_directory)


@pytest.fixture(scope="session")
def sana(sana_directory: Path) -> DiffusersEngine:
    return _loaded(sana_directory)


@pytest.fixture(scope="session")
def sana_sprint(sana_sprint_directory: Path) -> DiffusersEngine:
    return _loaded(sana_sprint_directory)


@pytest.fixture(scope="session")
def qwen_image(qwen_image_directory: Path) -> DiffusersEngine:
    return _loaded(qwen_image_directory)


@pytest.fixture(scope="session")
def z_image(z_image_directory: Path) -> DiffusersEngine:
    return _loaded(z_image_directory)


@pytest.fixture(scope="session")
def sd3(sd3_directory: Path) -> DiffusersEngine:
    return _loaded(sd3_directory)


@pytest.fixture(scope="session")
def flux2_dev(flux2_dev_directory: Path) -> DiffusersEngine:
    return _loaded(flux2_dev_directory)


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., DiffusersEngine]:
    """``load(source, **how)``: an engine on the CPU, with a cache of its own."""

    def make(source: str | Path, device: str = "cpu", **how: Any) -> DiffusersEngine:
        engine = DiffusersEngine(source, cache=tmp_path / "cache", device=device, **how)
        engine.load()
        return engine

    return make


@pytest.fixture
def draw() -> Callable[[DiffusersEngine], Picture]:
    """One picture, the same of engines that are the same."""

    def once(engine: DiffusersEngine) -> Picture:
        encoded = engine.encode(Brief(prompt="a red boat", width=64, height=64, steps=1))
        return engine.diffuse(encoded, 1, lambda _step, _of, _preview: None)

    return once


@pytest.fixture
def copy(klein_directory: Path, tmp_path: Path) -> Path:
    """The tiny klein's directory, to be spoilt."""
    return Path(shutil.copytree(klein_directory, tmp_path / "copy"))


@pytest.fixture
def photo() -> Callable[..., Picture]:
    """A picture of random colours: ``photo(width, height, seed)``."""

    def make(width: int = 96, height: int = 96, seed: int = 0) -> Picture:
        return np.random.default_rng(seed).random((height, width, 3), np.float32)

    return make


def _loaded(directory: Path) -> DiffusersEngine:
    engine = DiffusersEngine(directory, device="cpu")
    engine.load()
    return engine
