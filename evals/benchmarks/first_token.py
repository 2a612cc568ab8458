"""Answer a choice by the first token: which letter the model finds likeliest, with nothing to read or to misread.

Servers of llama.cpp return no log-probabilities of a prompt, so what harnesses call loglikelihood is at chance there
without an error. Both llama.cpp and vLLM return the likeliest first tokens of a chat's reply, which is all this takes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import openai

from agents.errors import SetupError
from evals.benchmarks.published import Item
from prompts.render import posed_text

LIKELIEST = 20
"""First tokens asked for; servers give no more."""
ASKED = "\nAnswer with the letter of the right option alone."


def letter_of(tokens: Iterable[tuple[str, float]], choices: Sequence[str]) -> int | None:
    """Return the place of the likeliest letter among tokens with log-probabilities, None where no letter is there."""
    weights = [0.0] * len(choices)
    for token, logprob in tokens:
        letter = token.strip().strip("().*").upper()
        place = ord(letter) - ord("A") if len(letter) == 1 else -1
        if 0 <= place < len(choices):
            weights[place] += math.exp(logprob)
    return max(range(len(choices)), key=weights.__getitem__) if any(weights) else None


async def first_token(client: openai.AsyncOpenAI, model: str, item: Item) -> str | None:
    """Ask for one token, and return the option that its letter names; None where there is none.

    Raises:
        openai.OpenAIError: The server cannot be asked.
        SetupError: The server returns no log-probabilities.
    """
    reply = await client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": posed_text(item.question, item.choices) + ASKED}],
        max_tokens=1,
        temperature=0,
        logprobs=True,
        top_logprobs=LIKELIEST,
    )
    likelihoods = reply.choices[0].logprobs
    if likelihoods is None or not likelihoods.content:
        raise SetupError(f"{model} returns no log-probabilities; use --answer-mode generate")
    place = letter_of(((one.token, one.logprob) for one in likelihoods.content[0].top_logprobs), item.choices)
    return None if place is None else item.choices[place]
