"""The trainers of TRL, by method; to add one, write one function and one row of `TRAINERS`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from datasets import Dataset
from peft import LoraConfig
from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

from evals.training.presets import Preset
from evals.training.rewards import Reward
from evals.training.rows import Method, TrainRow


class Work(NamedTuple):
    """What a trainer is made from."""

    model: Any
    tokenizer: Any
    preset: Preset
    rows: Sequence[TrainRow]
    validation: Sequence[TrainRow]
    folder: Path
    seed: int
    reward: Reward | None
    callbacks: list[Any]


def asked(prompt: str, preset: Preset) -> list[dict[str, str]]:
    """Put a question as training and sampling both do."""
    system = [] if preset.system_prompt is None else [{"role": "system", "content": preset.system_prompt}]
    return [*system, {"role": "user", "content": prompt}]


def tokens_of(rows: Sequence[TrainRow], tokenizer: Any, preset: Preset) -> int:
    """Count the tokens of rows as a training on worked answers reads them, once through."""
    texts = [
        tokenizer.apply_chat_template([*asked(row.prompt, preset), *_reply(row.completion)], tokenize=False)
        for row in rows
    ]
    return sum(min(len(ids), preset.max_length) for ids in tokenizer(texts, add_special_tokens=False)["input_ids"])


def sft(work: Work) -> Any:
    """Make a trainer on worked answers; the loss is that of the answer alone, its end mark included."""

    def columns(rows: Sequence[TrainRow]) -> Any:
        return Dataset.from_list(
            [{"prompt": asked(row.prompt, work.preset), "completion": _reply(row.completion)} for row in rows]
        )

    settings = SFTConfig(completion_only_loss=True, max_length=work.preset.max_length, **_common(work))
    return SFTTrainer(
        args=settings,
        train_dataset=columns(work.rows),
        eval_dataset=columns(work.validation) if work.validation else None,
        **_parts(work),
    )


def dpo(work: Work) -> Any:
    """Make a trainer on pairs: the worked answer, and what the Defender had answered wrong."""
    pairs = [
        {
            "prompt": asked(row.prompt, work.preset),
            "chosen": _reply(row.completion),
            "rejected": _reply(row.rejected),
        }
        for row in work.rows
    ]
    settings = DPOConfig(max_length=work.preset.max_length, **_common(work))
    return DPOTrainer(args=settings, train_dataset=Dataset.from_list(pairs), **_parts(work))


def grpo(work: Work) -> Any:
    """Make a trainer on sampled answers, which the verifier rewards."""
    prompts = [{"prompt": asked(row.prompt, work.preset), "row": number} for number, row in enumerate(work.rows)]
    preset, common = work.preset, _common(work)
    common["per_device_train_batch_size"] = preset.generations * max(1, preset.batch // preset.generations)
    settings = GRPOConfig(num_generations=preset.generations, max_completion_length=preset.max_new_tokens, **common)
    return GRPOTrainer(
        args=settings, train_dataset=Dataset.from_list(prompts), reward_funcs=work.reward, **_parts(work)
    )


TRAINERS: dict[Method, Callable[[Work], Any]] = {"sft": sft, "dpo": dpo, "grpo": grpo}


def _reply(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def _parts(work: Work) -> dict[str, Any]:
    adapters = LoraConfig(
        r=work.preset.lora_rank,
        lora_alpha=work.preset.lora_alpha,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    return {
        "model": work.model,
        "processing_class": work.tokenizer,
        "peft_config": adapters,
        "callbacks": work.callbacks,
    }


def _common(work: Work) -> dict[str, Any]:
    """Return the settings that all methods share."""
    preset, gpu = work.preset, torch.cuda.is_available()
    return {
        "output_dir": str(work.folder / "checkpoints"),
        "num_train_epochs": preset.epochs,
        "max_steps": preset.max_steps or -1,
        "per_device_train_batch_size": preset.batch,
        "per_device_eval_batch_size": preset.batch,
        "gradient_accumulation_steps": preset.accumulate,
        "auto_find_batch_size": gpu,
        "learning_rate": preset.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": preset.warmup_steps,
        "logging_steps": 1,
        "save_strategy": "steps",
        "save_steps": preset.save_steps,
        "save_total_limit": max(2, preset.average),
        "seed": work.seed,
        "data_seed": work.seed,
        "use_cpu": not gpu,
        "bf16": work.model.dtype == torch.bfloat16,
        "gradient_checkpointing": False,
        "dataloader_pin_memory": False,
        "report_to": "none",
        "disable_tqdm": True,
    }
