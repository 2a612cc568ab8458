"""Order by price: after how many of the Defender's samples the Judge is asked for its blind answer.

Both can turn a question away. All samples first waste samples on questions whose stated answer is wrong, which the
Defender never "gets right"; the Judge first wastes a solution on questions that a later sample shows to be too easy.
Which is dearer hangs on prices and on how this run's questions fail, so it is counted from those that were refused.
The verdict on a question is the same in every order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agents.records import Outcome, SeatUsage
from agents.rows import Refusal
from graph.question.pass_rate import Band
from graph.reports.funnel import Funnel
from graph.settings import Settings

SOLUTION = 2
"""Calls of the Judge for a blind answer: one that runs a program, one that states what it found."""
REFUSED_BY_SAMPLES = (("too_easy", "too easy"), ("low_quality", "too hard"))
"""Outcome and hardness of an attempt that the Defender's samples refused."""


class CallOrder:
    """Learns how questions are refused, and chooses.

    It starts with one pseudo-count for each way in which a question can be refused, so prices alone decide at first.
    """

    def __init__(self, settings: Settings) -> None:
        self._samples = settings.defender_samples
        self._band = Band.of(settings)
        self._refuted = 1.0
        self._decided = Counter(dict.fromkeys(range(1, self._samples + 1), 1 / self._samples))

    @classmethod
    def of(cls, settings: Settings, refusals: Sequence[Refusal]) -> CallOrder:
        """Learn from what a run has already come to."""
        order = cls(settings)
        for refusal in refusals:
            if refusal.defender is not None:
                order.learn(refusal.outcome, refusal.defender.passed, refusal.defender.samples)
        return order

    def learn(self, outcome: Outcome, passed: int, samples: int) -> None:
        """Count an attempt that the Judge refuted, or that the Defender's samples refused.

        One that no sample got right is counted as neither: its stated answer may be wrong, and nobody has found out.
        """
        if not samples:
            return
        if outcome == "unverified":
            self._refuted += 1
        elif passed and (outcome, self._band.verdict(passed, samples, 0)) in REFUSED_BY_SAMPLES:
            self._decided[samples] += 1

    def samples_first(self, funnel: Funnel) -> int | None:
        """Return how many samples the next candidate takes before the Judge solves; None for all there are."""
        sample, call = _price(funnel.usage["defender"], funnel.usage["judge"])
        if self._samples == 1 or not sample:
            return None

        def wasted(first: int) -> float:
            in_vain = sum(count for after, count in self._decided.items() if after > first)
            return sample * self._refuted * first + SOLUTION * call * in_vain

        return min(range(1, self._samples + 1), key=wasted)


def _price(defender: SeatUsage, judge: SeatUsage) -> tuple[float, float]:
    """Return what a call of each costs: dollars, or tokens where neither price is known; zeros until both were asked.

    A seat whose price alone is not known is a server of one's own, and costs nothing.
    """
    if not defender.calls or not judge.calls:
        return 0.0, 0.0
    if defender.usd is None and judge.usd is None:
        return defender.tokens / defender.calls, judge.tokens / judge.calls
    return (defender.usd or 0.0) / defender.calls, (judge.usd or 0.0) / judge.calls
