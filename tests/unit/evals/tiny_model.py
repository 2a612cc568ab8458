"""A model of a few thousand random weights with a tokenizer of bytes and a chat template, made in a moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def write_tiny_model(folder: Path, *, template: str | None = TEMPLATE, says: str = "") -> Path:
    """Write it as transformers would; with `says`, it answers so whatever it is asked."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    marks = ["<|im_start|>", "<|im_end|>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={byte: place for place, byte in enumerate(alphabet)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, eos_token=marks[1], pad_token=marks[1], additional_special_tokens=marks
    )
    if template:
        tokenizer.chat_template = template
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=32, num_hidden_layers=1,
        num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=512,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, bos_token_id=None,
        initializer_range=0.3,  # larger than usual, so that adapters alone can change what it says
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    if says:
        _teach(model, tokenizer(f"assistant\n{says}{marks[1]}", return_tensors="pt")["input_ids"])
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _teach(model: Any, ids: Any) -> None:
    """Let each byte follow from the last one alone, as in this text: its layer adds nothing, the ends are trained."""
    import torch

    layer = model.model.layers[0]
    torch.nn.init.zeros_(layer.self_attn.o_proj.weight)
    torch.nn.init.zeros_(layer.mlp.down_proj.weight)
    ends = [model.model.embed_tokens.weight, model.lm_head.weight]
    descent = torch.optim.Adam(ends, lr=0.05)
    for _ in range(60):
        descent.zero_grad()
        model(ids, labels=ids).loss.backward()
        descent.step()
