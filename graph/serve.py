"""The graphs that `langgraph.json` names: one candidate, and a whole campaign.

Neither has a checkpointer or a store of its own: the server brings them for `question`, and a campaign keeps its
own in the run's folder.
"""

from __future__ import annotations

from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import BaseModel, Field
from typing_extensions import TypedDict  # pydantic reads it on Python 3.11 too

from graph.campaign.campaign import Campaign
from graph.question.graph import build_question
from graph.question.resources import shared_resources
from graph.settings import Settings


class CampaignInput(BaseModel):
    """What starts a campaign; everything else is in the settings."""

    force: bool = Field(False, description="resume although settings differ from the recorded ones")


class CampaignState(TypedDict):
    """What a campaign came to."""

    ending: str
    folder: str
    funnel: dict[str, Any]


async def campaign_node(state: CampaignInput, runtime: Runtime[Settings]) -> CampaignState:
    """Run the campaign, with its progress as custom stream events."""
    going = Campaign(runtime.context or Settings(), shared_resources, force=state.force)
    async for event in going.events():
        runtime.stream_writer(event)
    return {"ending": going.ending, "folder": str(going.settings.folder), "funnel": going.funnel.as_json()}


def build_campaign() -> StateGraph[CampaignState, Settings, CampaignInput, CampaignState]:
    """Build the thin graph round a campaign."""
    builder = StateGraph(
        CampaignState, context_schema=Settings, input_schema=CampaignInput, output_schema=CampaignState
    )
    builder.add_node("campaign", campaign_node)
    builder.add_edge(START, "campaign")
    builder.add_edge("campaign", END)
    return builder


question = build_question(shared_resources).compile(name="question")
campaign = build_campaign().compile(name="campaign")
