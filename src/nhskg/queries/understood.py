"""What a question in plain words was read as: its parts, a query it may mean, and the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from nhskg.queries.answers import Answer
from nhskg.queries.mentions import Mention
from nhskg.queries.names import Named
from nhskg.queries.pages import Page
from nhskg.queries.stored import StoredQuery

Values = dict[str, list[Named]]
"""The things that each parameter is given."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a question names and, between, the stems of its other words, with the words as typed."""

    parts: Sequence[Mention | str]
    typed: Mapping[str, str]
    is_wide: bool
    is_open: bool
    """Whether it asks who, which, when, where, why or how."""
    verbs: frozenset[str]
    """The stems behind "who", or "which" and a body: the verbs, of which no query is a filler."""

    @property
    def mentions(self) -> list[Mention]:
        """What it names."""
        return [each for each in self.parts if isinstance(each, Mention)]

    def told(self, part: Mention | str) -> str:
        """Return the words of a part as they were typed."""
        stems = (part,) if isinstance(part, str) else part.stems
        return " ".join(self.typed.get(each, each) for each in stems)


@dataclass(frozen=True, slots=True)
class Reading:
    """A stored query that a question may mean, how well it fits, and the mentions not used."""

    score: float
    query: StoredQuery
    values: Values
    left: list[Mention]
    read: frozenset[str]
    """The stems of the cues and of what the query says of itself."""


@dataclass(frozen=True, slots=True)
class Told:
    """A command that a question was understood as, with its answer."""

    query: str
    values: Mapping[str, tuple[str, ...]]
    answer: Answer
    having: tuple[str, ...] = ()
    page: Page | None = None

    @property
    def command(self) -> list[str]:
        """The command that asks the same, in its parts."""
        if self.page:
            return ["nhskg", "show", *self.values["thing"]]
        options = [(f"--{name}", value) for name, each in self.values.items() for value in each]
        options += [("--having", each) for each in self.having]
        return ["nhskg", "query", "run", self.query, *chain.from_iterable(options)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question was understood as, with the answers; or in doubt, and then without any."""

    told: tuple[Told, ...] = ()
    unused: tuple[str, ...] = ()
    doubt: str = ""
    candidates: tuple[str, ...] = ()


def doubted(asked: Question, doubt: str) -> Asked:
    """Return a doubt, with the commands that show what a question names."""
    named = [each.things[0] for each in asked.mentions if "relation" not in each.kinds]
    shown = tuple(f"nhskg show {each.slug}  # {each.label}" for each in named)
    return Asked((), (), f"{doubt}; what is said of it:" if shown else doubt, shown)


def listed(things: Iterable[Named]) -> tuple[str, ...]:
    """Return the ids and labels of things, to choose from."""
    return tuple(sorted({f"{each.slug} ({each.label})" for each in things}))
