"""The matrix: who holds which power under each plan, on what basis, by whose words.

Bases are never blurred (see :class:`Basis`): what a plan stipulates is kept apart from what it
floats, from what it merely leaves as it was, from what a text says it leaves open, and from what
no text says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode, Store

from nhskg.queries.claims import label, notation
from nhskg.queries.engine import Row, select
from nhskg.queries.names import resolve
from nhskg.queries.stored import bind, find_query
from nhskg.rdf.terms import DERIVED_GRAPH, NS, local_name
from nhskg.reasoning.triple_lookup import Facts


class Basis(StrEnum):
    """Why a cell of the matrix says what it says, from the strongest to none at all."""

    STIPULATED = "stipulated"
    """The plan says so."""
    CONDITIONAL = "conditional"
    """The plan says so, once a condition is met."""
    PRESUPPOSED = "presupposed"
    """In force, as a plan that retains it or takes it away implies."""
    INHERITED = "inherited"
    """The plan says nothing of it; what is in force would stay."""
    TENTATIVE = "tentative"
    """The plan only floats it."""
    LEFT_OPEN = "left open"
    """Somebody says that the plan does not say."""
    UNKNOWN = "no text says"
    """Nothing is known; which is not to say that nobody holds it."""


_STRENGTH = {basis: number for number, basis in enumerate(Basis)}


@dataclass(frozen=True, order=True, slots=True)
class Label:
    """A thing with the words for it: its label, and its id."""

    label: str
    slug: str

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, slots=True)
class Source:
    """One passage behind a cell, with the claim that is made there.

    Attributes:
        claim: the IRI of the claim.
        plan: the plan that the claim speaks of; another than the cell's where the cell is
            inherited or presupposed.
        said: whether it is said of the cell's plan, or of one that this plan builds upon; else it
            is only implied, by a plan that would keep it or take it away.
        start, end: the position of the passage in code points.
        quote: at most 12 words that mark the place.
    """

    claim: str
    plan: Label
    said: bool
    claimant: str
    capacity: str | None
    voice: str
    modality: str | None
    hedge: str | None
    document: str
    start: int
    end: int
    quote: str

    @property
    def firmness(self) -> str:
        """How firm: the modality with its hedge, or by which plan it is implied."""
        if not self.said:
            return f"implied by {self.plan.label}"
        return " ".join(filter(None, [self.modality, self.hedge and f"(“{self.hedge}”)"]))

    @property
    def reference(self) -> str:
        """The passage as ``document:start-end``."""
        return f"{self.document}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of one power over one matter under one plan.

    Attributes:
        matter: what the power is over; nothing where no text says anything.
        holders: the body that holds it, or the candidates where it is left open; several
            bodies where cells are shown together.
        qualifier: ``such as``, ``jointly`` …
        deontic: ``power``, ``duty`` or ``permission``, where the text says.
        conditions: until when, once what, in which manner; in words.
        cohort: the part of the population for which it holds.
        quantity: the amount, share or extent.
    """

    plan: Label
    power: Label
    matter: Label | None
    holders: tuple[Label, ...]
    basis: Basis
    qualifier: str | None = None
    deontic: str | None = None
    conditions: tuple[str, ...] = ()
    cohort: str | None = None
    quantity: str | None = None
    sources: tuple[Source, ...] = ()

    @property
    def holder(self) -> str:
        """The holder in words."""
        if self.basis is Basis.UNKNOWN:
            return "—"
        alternatives = self.basis is Basis.LEFT_OPEN or self.qualifier == "either"
        names = (" or " if alternatives else " + ").join(map(str, self.holders)) or "—"
        if self.basis is Basis.LEFT_OPEN:
            return f"? ({names})"
        return f"{self.qualifier}: {names}" if self.qualifier else names


@dataclass(frozen=True, slots=True)
class Matrix:
    """Cells by plan and power, plans in order of their era, the arrangement in force first."""

    plans: tuple[Label, ...]
    powers: tuple[Label, ...]
    cells: tuple[Cell, ...]


_Naming = Callable[[str], Label]


def read_matrix(
    store: Store, queries: Path, *, powers: Iterable[str] = (), plans: Iterable[str] = ()
) -> Matrix:
    """Read the matrix from a built store.

    Args:
        store: the built store.
        queries: folder of the stored queries ``matrix-cells`` and ``matrix-open``.
        powers: names of the powers asked for, each with its narrower ones; none asks for
            every power that some cell is about.
        plans: names of the plans asked for; none asks for all.

    Raises:
        UsageError: a name is unknown; names the nearest.
        QueryError: a stored query cannot be evaluated.
    """
    facts = Facts(store, NamedNode(DERIVED_GRAPH))

    @cache
    def named(iri: str) -> Label:
        node = NamedNode(iri)
        slug = notation(facts, node)
        return Label(label(facts, node), slug) if slug else Label(*[local_name(iri)] * 2)

    powers, plans = list(powers), list(plans)
    cells: dict[Cell, None] = {}
    for given in [{"power": power} for power in powers] or [{}]:
        for query in (find_query(queries, name) for name in ("matrix-cells", "matrix-open")):
            rows = select(store, bind(query, given, store), source=query.path)
            cells |= dict.fromkeys(_cells(rows, named))
    asked = {named(resolve(store, plan, "plan").value) for plan in plans}
    shown_plans = [plan for plan in _all_plans(store, named) if not plans or plan in asked]
    without = dict.fromkeys(named(resolve(store, power, "power").value) for power in powers)
    shown_powers = sorted({cell.power for cell in cells}) or list(without)
    places: dict[tuple[Label, Label], list[Cell]] = {}
    for cell in sorted(cells, key=lambda c: (_STRENGTH[c.basis], str(c.matter), c.holder)):
        places.setdefault((cell.power, cell.plan), []).append(cell)
    shown = [
        cell
        for power in shown_powers
        for plan in shown_plans
        for cell in places.get((power, plan)) or [Cell(plan, power, None, (), Basis.UNKNOWN)]
    ]
    return Matrix(tuple(shown_plans), tuple(shown_powers), tuple(shown))


def _all_plans(store: Store, named: _Naming) -> list[Label]:
    """Return all plans, those of an era after the arrangement in force that they build on."""
    text = f"""SELECT DISTINCT ?plan ?era {{ ?plan a <{NS}Plan> .
        OPTIONAL {{ ?plan <{NS}baseline>+ ?era . ?era a <{NS}StatusQuo> }} }}"""
    rows = select(store, text)
    places = {(row["era"] or row["plan"], bool(row["era"]), named(row["plan"])) for row in rows}
    return [plan for _, _, plan in sorted(places)]


def _cells(rows: Iterable[Row], named: _Naming) -> Iterator[Cell]:
    """Yield a cell for each body that holds a power, and for each power that is left open."""
    groups: dict[tuple[str | None, ...], list[Row]] = {}
    for row in rows:
        key = (row["plan"], row["power"], row["matter"], row.get("holder"), row.get("cohort"))
        groups.setdefault(key, []).append(row)
    for group in groups.values():
        yield _cell(group, named)


def _cell(rows: list[Row], named: _Naming) -> Cell:
    def values(column: str) -> list[str]:
        return sorted({row[column] for row in rows if row.get(column)})

    def text(column: str) -> str | None:
        return ", ".join(values(column)) or None

    plan, power, matter = (named(rows[0][column]) for column in ("plan", "power", "matter"))
    bases = [Basis(value) for value in values("basis")] or [Basis.LEFT_OPEN]
    basis = min(bases, key=_STRENGTH.__getitem__)
    conditional = basis is Basis.STIPULATED and values("gate")
    sources = dict.fromkeys(_source(row, named) for row in rows)
    return Cell(
        plan,
        power,
        matter,
        holders=tuple(sorted(map(named, values("holder") + values("candidate")))),
        basis=Basis.CONDITIONAL if conditional else basis,
        qualifier=text("qualifier"),
        deontic=text("deontic"),
        conditions=(
            *(f"once {gate}" for gate in values("gate")),
            *(f"until {until}" for until in values("until")),
            *(f"subject to: {how}" for how in values("condition")),
        ),
        cohort=text("cohort"),
        quantity=text("quantity"),
        sources=tuple(
            sorted(sources, key=lambda s: (s.plan != plan, not s.said, s.document, s.start))
        ),
    )


def _source(row: Row, named: _Naming) -> Source:
    return Source(
        claim=row["claim"],
        plan=named(row.get("claimPlan") or row["plan"]),
        said=row.get("said") != "false",
        claimant=row["claimant"],
        capacity=row["capacity"] or None,
        voice=row["voice"],
        modality=row.get("modality"),
        hedge=row["hedge"] or None,
        document=row["document"],
        start=int(row["start"]),
        end=int(row["end"]),
        quote=row["quote"],
    )
