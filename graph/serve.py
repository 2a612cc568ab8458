"""The graphs that `langgraph.json` names: one candidate, and a whole campaign; run, it serves them without LangGraph's.

    python -m graph.serve --port 8400

Neither has a checkpointer or a store of its own: the server brings them for `question`, and a campaign keeps its
own in the run's folder. What a caller may name, and what it is answered, is in `graph/callers/`.
"""

from __future__ import annotations

import sys
from typing import Any

from graph.own_packages import require_own_packages

require_own_packages("graph.serve" if __name__ == "__main__" else "")  # before what may be another's is imported

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph_sdk.runtime import ServerRuntime
from pydantic import BaseModel, Field
from typing_extensions import TypedDict  # pydantic reads it on Python 3.11 too

from agents.errors import SetupError
from agents.records import CandidateInput
from graph.callers.callers import CallerSettings
from graph.callers.served import ServedGraph
from graph.callers.words import event_for_callers, for_callers
from graph.campaign.campaign import Campaign
from graph.question.graph import build_question
from graph.question.resources import shared_resources

CUT_OFF = "cut off before its end; the same request resumes it"


class CampaignInput(BaseModel):
    """What starts a campaign, beside its settings."""

    force: bool = Field(False, title="Resume regardless", description="resume although the settings differ from before")


class CampaignState(TypedDict):
    """What a campaign came to."""

    ending: str
    folder: str
    funnel: dict[str, Any]


async def prepare(state: CampaignInput, runtime: Runtime[CallerSettings]) -> dict[str, Any]:  # noqa: ARG001  # LangGraph's name
    """Say where the run will be, and what holds for it where it is cancelled."""
    return {"ending": CUT_OFF, "folder": str(runtime.context.resolved().folder), "funnel": {}}


async def campaign_node(state: CampaignInput, runtime: Runtime[CallerSettings]) -> dict[str, Any]:
    """Run the campaign, with its progress as custom stream events."""
    settings = runtime.context
    going = Campaign(settings, shared_resources, force=state.force)
    async for event in going.events():
        runtime.stream_writer(event_for_callers(event, settings.stated))
    return {"ending": for_callers(going.ending, settings.stated), "funnel": going.funnel.as_json()}


def build_campaign() -> StateGraph[CampaignState, CallerSettings, CampaignInput, CampaignState]:
    """Build the thin graph round a campaign."""
    builder = StateGraph(
        CampaignState, context_schema=CallerSettings, input_schema=CampaignInput, output_schema=CampaignState
    )
    builder.add_node("prepare", prepare)
    builder.add_node("campaign", campaign_node)
    builder.add_edge(START, "prepare")
    builder.add_edge("prepare", "campaign")
    builder.add_edge("campaign", END)
    return builder


class ServedQuestion(ServedGraph):
    """The graph of one candidate, as a server offers it."""

    own_input = CandidateInput
    one_candidate = True


class ServedCampaign(ServedGraph):
    """The graph of a campaign, as a server offers it."""

    own_input = CampaignInput
    one_candidate = False


_question = ServedQuestion.of(build_question(shared_resources).compile(name="question"))
_campaign = ServedCampaign.of(build_campaign().compile(name="campaign"))


def question(runtime: ServerRuntime[Any]) -> ServedQuestion:
    """Return the graph of one candidate, for one use of it."""
    return _question.for_caller(runtime)


def campaign(runtime: ServerRuntime[Any]) -> ServedCampaign:
    """Return the graph of a campaign, for one use of it."""
    return _campaign.for_caller(runtime)


def main() -> int:
    """Serve runs and pages; what keeps it from that is one line."""
    from graph.cli.running import fail  # noqa: PLC0415  # LangGraph's server needs none of these
    from graph.run import read_dotenv  # noqa: PLC0415  # as above
    from graph.service.command import serve  # noqa: PLC0415  # as above

    try:
        read_dotenv()
        return serve()
    except SetupError as error:
        return fail(error, "graph.serve")


if __name__ == "__main__":
    sys.exit(main())
