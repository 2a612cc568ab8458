"""Items for races: many near-duplicates of few questions."""

from itertools import combinations

import numpy as np

from tools.novelty.embedder import Embedder
from tools.novelty.port import DEFAULT_EMBEDDER, NoveltyItem
from tools.novelty.rules.decision import Neighbour, compare, limits_for
from tools.novelty.stores.stored_item import fit_text

STORIES = (
    "Ann buys {} pens and gives {} away. How many pens are left?",
    "What is the area of a rectangle with sides {} cm and {} cm?",
    "A train covers {} km in {} hours. What is its average speed?",
    "Solve for x: {} x plus seven equals {}.",
    "How much interest do ${} earn in a year at {} percent?",
    "In how many ways can {} books be put on a shelf that holds {}?",
    "What is the mean of the numbers {}, {} and 12?",
    "A cell culture of {} cells doubles every hour. Count it after {} hours.",
    "Convert {} degrees Celsius and {} degrees to kelvin and add them.",
    "Which prime divides both {} and {}?",
    "A child of {} kg needs {} mg of paracetamol a kilogram. Give the dose.",
    "Two genes are {} centimorgans apart. How many of {} gametes recombine?",
    "What force moves a mass of {} kg at {} meters per second squared?",
    "A discount of {} percent lowers the price of a ${} coat to what?",
    "How many bits store {} symbols drawn from an alphabet of {}?",
    "At what time do clock hands that stood at {} o'clock meet, {} turns later?",
    "A solution of {} g salt in {} ml of water has what concentration?",
    "The odds of drawing an ace in {} draws from {} decks are what?",
    "Find the hypotenuse of a right triangle with legs {} and {}.",
    "A patient excretes {} ml of urine in {} hours. Is that oliguria?",
)


def near_duplicates(many: int) -> list[NoveltyItem]:
    """Return items that cycle through the stories, each with its own numbers."""
    texts = (STORIES[at % len(STORIES)].format(11 + at // 7, 1009 - at) for at in range(many))
    return [NoveltyItem(question=text, owner=f"run/{at}", answer_kind="number") for at, text in enumerate(texts)]


def near_duplicates_among(items: list[NoveltyItem], embedder: Embedder) -> list[tuple[str, str, str]]:
    """Return the pairs of items that are near-duplicates, in either order, with the rule."""
    limits = limits_for(DEFAULT_EMBEDDER)
    vectors = embedder.embed([fit_text(item) for item in items])
    cosines = np.asarray(vectors @ vectors.T)
    found = []
    for a, b in combinations(range(len(items)), 2):
        near_duplicate = compare(items[a], Neighbour(item=items[b], cosine=float(cosines[a, b])), limits)
        if near_duplicate:
            found.append((items[a].question, items[b].question, near_duplicate.rule))
    return found
