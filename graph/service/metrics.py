"""Figures for Prometheus: of the runs in progress, of what was done since the service started, and of who watches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from graph.service.running.runs import Runs

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class RunMetrics(Collector):
    """Reads the figures when they are asked for.

    Args:
        runs: Whose figures.
    """

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def collect(self) -> Iterator[Metric]:
        """Give each family of figures."""
        totals = self._runs.totals
        running = GaugeMetricFamily("nanoflux_runs_in_progress", "Runs in progress, by state.", labels=["state"])
        for state, count in Counter(going.status.state for going in self._runs.going.values()).items():
            running.add_metric([state], count)
        yield running
        yield GaugeMetricFamily("nanoflux_watchers", "Clients that watch a run.", value=self._runs.watchers)
        yield CounterMetricFamily("nanoflux_runs_started", "Runs started or resumed here.", value=totals.started)
        ended = CounterMetricFamily("nanoflux_candidates", "Candidates that ended here.", labels=["outcome"])
        for outcome, count in totals.outcomes.items():
            ended.add_metric([outcome], count)
        yield ended
        yield CounterMetricFamily("nanoflux_model_calls", "Paid calls of models made here.", value=totals.calls)
        yield CounterMetricFamily("nanoflux_tokens", "Tokens used here, in and out.", value=totals.tokens)
        yield CounterMetricFamily("nanoflux_dollars", "Dollars spent here, by known prices.", value=totals.usd)


def exposition(runs: Runs) -> bytes:
    """Write the figures as Prometheus reads them."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(RunMetrics(runs))
    return generate_latest(registry)
