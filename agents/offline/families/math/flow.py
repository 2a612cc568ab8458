"""Families about things that run, work or mix: rates and mixtures."""

from __future__ import annotations

from agents.offline.stories.grammar import Family, Line

TANK = Family(
    name="tank",
    topic="rates",
    skill="filling with a leak",
    words={"vessel": ("cistern", "tank", "reservoir", "pool", "vat")},
    opening=Line(
        forms=(
            "A {vessel} holds {a} litres of water.",
            "There are {a} litres in a {vessel} when the pumps are switched on.",
            "At first the gauge of the {vessel} shows {a} litres.",
        ),
        sets={"water": "a"},
        draws={"a": range(150, 900)},
        check="water = {a}",
    ),
    moves=(
        Line(
            forms=(
                "For {t} minutes a pump brings {r} litres a minute.",
                "A pipe that gives {r} litres every minute is open for {t} minutes.",
            ),
            sets={"water": "water + t * r"},
            draws={"t": range(6, 50), "r": range(4, 30)},
            why="In {t} minutes at {r} litres a minute the water rises to {eq} litres.",
            check="for _ in range({t}):\n    water += {r}",
        ),
        Line(
            forms=(
                "A pump brings {r} litres a minute while {q} litres a minute leak out, and this lasts {t} minutes.",
                "During {t} minutes {r} litres flow in and {q} litres seep away each minute.",
            ),
            sets={"water": "water + t * (r - q)"},
            draws={"t": range(8, 45), "r": range(14, 40), "q": range(3, 13)},
            why="Each minute gains {r} minus {q} litres, so after {t} minutes there are {eq} litres.",
            check="for _ in range({t}):\n    water += {r}\n    water -= {q}",
        ),
        Line(
            forms=(
                "A drain takes {r} litres a minute for {t} minutes.",
                "Gardeners draw off {r} litres a minute over {t} minutes.",
            ),
            sets={"water": "water - t * r"},
            draws={"t": range(5, 40), "r": range(3, 28)},
            why="Draining {r} litres a minute for {t} minutes leaves {eq} litres.",
            check="for _ in range({t}):\n    water -= {r}",
        ),
        Line(
            forms=(
                "{n} equal pumps empty it together, and only the share that one of them moved is followed from here.",
                "The water is shared out evenly over {n} troughs, of which one alone is followed from here.",
            ),
            sets={"water": "water / n"},
            draws={"n": range(2, 8)},
            why="One of {n} equal shares is {eq} litres.",
            check="water, rest = divmod(water, {n})\nassert rest == 0",
        ),
    ),
    closing=Line(
        forms=(
            "How many litres of water are there at the end?",
            "What does the gauge show finally, in litres?",
            "Work out the last amount of water in litres.",
        ),
        check="return water",
    ),
    answer="water",
    largest=100_000,
)

JOURNEY = Family(
    name="journey",
    topic="rates",
    skill="average speed over unequal legs",
    words={"who": ("A cyclist", "A courier", "A bus", "A research ship", "A patrol car", "A caravan")},
    opening=Line(
        forms=(
            "{who} has already covered {d} kilometres in {h} hours.",
            "{who} starts the log at kilometre {d}, with {h} hours on the clock.",
            "{who} needed {h} hours for the first {d} kilometres.",
        ),
        sets={"distance": "d", "time": "h"},
        draws={"d": range(20, 140), "h": range(2, 6)},
        check="distance, time = {d}, {h}",
    ),
    moves=(
        Line(
            forms=(
                "The next {h} hours are done at {v} kilometres an hour.",
                "A leg of {h} hours at a steady {v} kilometres an hour follows.",
            ),
            sets={"distance": "distance + h * v", "time": "time + h"},
            draws={"h": range(2, 7), "v": range(14, 88)},
            why="A leg of {h} hours at {v} kilometres an hour gives, for distance and time, {eq}.",
            check="for _ in range({h}):\n    distance += {v}\n    time += 1",
        ),
        Line(
            forms=(
                "A stretch of {k} kilometres is done at {v} kilometres an hour.",
                "At {v} kilometres an hour, another {k} kilometres are covered.",
            ),
            sets={"time": "time + k / v", "distance": "distance + k"},
            draws={"k": range(30, 330, 10), "v": (10, 15, 20, 25, 30, 40, 50, 60)},
            why="A stretch of {k} kilometres at {v} kilometres an hour gives, for time and distance, {eq}.",
            check="time += Fraction({k}, {v})\ndistance += {k}",
        ),
        Line(
            forms=("A rest of {h} hours is taken.", "Repairs cost {h} hours without any progress."),
            sets={"time": "time + h"},
            draws={"h": range(1, 5)},
            why="Standing still for {h} hours makes the time {eq} hours.",
            check="time = time + {h}",
        ),
        Line(
            forms=(
                "A wrong turn means going back {k} kilometres, over {h} hours, and they come off the log.",
                "The log loses {k} kilometres on a way back that lasts {h} hours.",
            ),
            sets={"distance": "distance - k", "time": "time + h"},
            draws={"k": range(4, 30), "h": range(1, 4)},
            why="Going back {k} kilometres in {h} hours gives, for distance and time, {eq}.",
            check="distance -= {k}\ntime += {h}",
        ),
    ),
    closing=Line(
        forms=(
            "What is the average speed in kilometres an hour, from the kilometres in the log and all the hours?",
            "Divide the kilometres in the log by all the hours: how many kilometres an hour is that?",
        ),
        sets={"speed": "distance / time"},
        why="The average speed over everything is {eq} kilometres an hour.",
        check="return Fraction(distance) / time",
    ),
    answer="speed",
    kind="expression",
    digits=None,
    largest=5000,
)

SALT = Family(
    name="salt",
    topic="mixtures",
    skill="concentration after dilution",
    words={"salt": ("salt", "sugar", "fertiliser", "dye powder", "citric acid")},
    opening=Line(
        forms=(
            "A tub contains {v} litres of liquid with {s} grams of {salt} dissolved in it.",
            "{s} grams of {salt} are dissolved to make {v} litres of liquid.",
            "The recipe begins with {v} litres of liquid that carry {s} grams of {salt}.",
        ),
        sets={"volume": "v", "mass": "s"},
        draws={"v": range(6, 40), "s": range(120, 900, 12)},
        check="volume, mass = Fraction({v}), Fraction({s})",
    ),
    moves=(
        Line(
            forms=(
                "{k} litres that carry {c} grams of {salt} per litre are poured in.",
                "Someone adds {k} litres of a liquid with {c} grams of {salt} in every litre.",
            ),
            sets={"mass": "mass + k * c", "volume": "volume + k"},
            draws={"k": range(3, 20), "c": range(5, 40)},
            why="Adding {k} litres at {c} grams a litre makes mass and volume {eq}.",
            check="for _ in range({k}):\n    mass += {c}\n    volume += 1",
        ),
        Line(
            forms=("{k} litres of pure water are added.", "It is thinned with {k} litres of water."),
            sets={"volume": "volume + k"},
            draws={"k": range(2, 25)},
            why="Water adds volume only: {eq} litres.",
            check="volume = volume + {k}",
        ),
        Line(
            forms=(
                "One part in {n} of the well stirred mixture is poured away.",
                "The mixture is stirred well, and one of its {n} equal parts is thrown out.",
            ),
            sets={"mass": "mass - mass / n", "volume": "volume - volume / n"},
            draws={"n": range(2, 7)},
            why="Throwing out one part in {n} makes mass and volume {eq}.",
            check="mass *= Fraction({n} - 1, {n})\nvolume *= Fraction({n} - 1, {n})",
        ),
        Line(
            forms=("{k} litres of water evaporate.", "Boiling drives off {k} litres of pure water."),
            sets={"volume": "volume - k"},
            draws={"k": range(1, 9)},
            why="What boils off is water, so the volume is {eq} litres.",
            check="volume -= {k}",
        ),
        Line(
            forms=(
                "Another {k} grams of {salt} are stirred in.",
                "{k} grams of dry {salt} go in without changing the volume.",
            ),
            sets={"mass": "mass + k"},
            draws={"k": range(15, 200)},
            why="The dry {salt} raises the mass to {eq} grams.",
            check="mass = sum([mass, {k}])",
        ),
    ),
    closing=Line(
        forms=(
            "How many grams of {salt} does one litre hold in the end? Give an exact fraction or whole number.",
            "Exactly how many grams of {salt} per litre is that?",
        ),
        sets={"density": "mass / volume"},
        why="Dividing the mass by the volume gives {eq} grams of {salt} per litre.",
        check="return mass / volume",
    ),
    answer="density",
    kind="expression",
    digits=None,
    largest=50_000,
)

BLEND = Family(
    name="blend",
    topic="mixtures",
    skill="blending prices",
    words={"good": ("tea", "coffee", "rice", "seed", "spice"), "who": ("A roaster", "A grocer", "A mill", "A trader")},
    opening=Line(
        forms=(
            "{who} blends {w} kilograms of {good} at {p} dollars each with {v} kilograms at {q} dollars each.",
            "{who} pays {p} dollars a kilogram for {w} kilograms of {good} and {q} dollars a kilogram for {v} more.",
            "{who} bins {w} kilograms of {good} worth {p} dollars each and {v} kilograms worth {q} dollars each.",
        ),
        sets={"weight": "w + v", "value": "w * p + v * q"},
        draws={"w": range(8, 60), "p": range(4, 25), "v": range(5, 40), "q": range(5, 35)},
        why="For the first {good} in the blend, weight and value are {eq}.",
        check="weight = sum([{w}, {v}])\nvalue = sum([{p}] * {w} + [{q}] * {v})",
    ),
    moves=(
        Line(
            forms=(
                "{k} kilograms at {p} dollars a kilogram are mixed in.",
                "A sack of {k} kilograms, priced at {p} dollars a kilogram, is tipped on top.",
            ),
            sets={"value": "value + k * p", "weight": "weight + k"},
            draws={"k": range(5, 50), "p": range(3, 30)},
            why="Mixing in {k} kilograms at {p} dollars makes value and weight {eq}.",
            check="for _ in range({k}):\n    value += {p}\n    weight += 1",
        ),
        Line(
            forms=(
                "One kilogram in {n} of the blend is given away with its share of the value.",
                "A customer takes one of {n} equal heaps of the blend, value and all.",
            ),
            sets={"value": "value - value / n", "weight": "weight - weight / n"},
            draws={"n": range(2, 7)},
            why="Without one heap in {n}, value and weight are {eq}.",
            check="value = Fraction(value) * ({n} - 1) / {n}\nweight = Fraction(weight) * ({n} - 1) / {n}",
        ),
        Line(
            forms=(
                "Roasting costs {k} dollars, which are added to the value.",
                "{k} dollars of freight are counted into the value.",
            ),
            sets={"value": "value + k"},
            draws={"k": range(10, 150)},
            why="The cost raises the value to {eq} dollars.",
            check="value = value + {k}",
        ),
        Line(
            forms=(
                "Drying makes it {k} kilograms lighter at the same value.",
                "{k} kilograms of dust are sieved out and change no value.",
            ),
            sets={"weight": "weight - k"},
            draws={"k": range(1, 8)},
            why="The weight falls to {eq} kilograms.",
            check="weight -= {k}",
        ),
    ),
    closing=Line(
        forms=(
            "What is a kilogram of the blend worth now, as an exact number of dollars?",
            "Exactly how many dollars per kilogram does the blend come to?",
        ),
        sets={"price": "value / weight"},
        why="The blend is worth {eq} dollars a kilogram.",
        check="return Fraction(value) / weight",
    ),
    answer="price",
    kind="expression",
    digits=None,
    largest=50_000,
)

FAMILIES = (TANK, JOURNEY, SALT, BLEND)
