"""The matrix: who holds which power under each plan, on what basis, by whose words.

Bases are never blurred (see :class:`Basis`): what a plan stipulates is kept apart from what it
floats, from what it merely leaves as it was, from what a text says it leaves open, and from what
no text says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode, Store

from nhskg.queries.claims import Claim, Passage, label, notation, read_claim
from nhskg.queries.engine import Row, select
from nhskg.queries.names import resolve
from nhskg.queries.stored import bind, find_query
from nhskg.rdf.terms import NS, local_name
from nhskg.reasoning.triple_lookup import Facts

__all__ = ["Basis", "Cell", "Label", "Matrix", "Source", "read_matrix"]


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
    """One passage behind a cell.

    Attributes:
        claim: who says it, in what capacity, how firmly.
        passage: where.
        plan: the plan that the claim speaks of; another than the cell's where the cell is
            inherited or presupposed.
        said: whether it is said of the cell's plan, or of one that this plan builds upon; else it
            is only implied, by a plan that would keep it or take it away.
    """

    claim: Claim
    passage: Passage
    plan: Label
    said: bool

    @property
    def firmness(self) -> str:
        """How firm: the modality with its hedge, or by which plan it is implied."""
        if not self.said:
            return f"implied by {self.plan.label}"
        hedge = f"(“{self.claim.hedge}”)" if self.claim.hedge else None
        return " ".join(filter(None, [self.claim.modality, hedge]))


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of one power over one matter under one plan.

    Attributes:
        plan: the plan.
        power: the power.
        matter: what it is over; nothing where no text says anything.
        holders: the body that holds it, or the candidates where it is left open; several
            bodies where cells are shown together.
        basis: why the cell says so.
        qualifier: ``such as``, ``jointly`` …
        deontic: ``power``, ``duty`` or ``permission``, where the text says.
        conditions: until when, once what, in which manner; in words.
        cohort: the part of the population for which it holds.
        quantity: the amount, share or extent.
        sources: the passages behind it.
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
    reader = _Reader(store)
    powers, plans = list(dict.fromkeys(powers)), list(plans)
    found: list[Cell] = []
    for given in [{"power": power} for power in powers] or [{}]:
        for name, make in (("matrix-cells", reader.held), ("matrix-open", reader.left_open)):
            query = find_query(queries, name)
            rows = select(store, bind(query, given, store), source=query.path)
            found += make(rows)
    asked = {reader.label(resolve(store, plan, "plan").value) for plan in plans}
    shown_plans = [plan for plan in reader.plans() if not plans or plan in asked]
    without = [reader.label(resolve(store, power, "power").value) for power in powers]
    shown_powers = sorted({cell.power for cell in found}) or list(dict.fromkeys(without))
    cells = _in_order(found, shown_plans, shown_powers)
    return Matrix(tuple(shown_plans), tuple(shown_powers), tuple(cells))


class _Reader:
    """Makes cells of the rows of the stored queries; each label and claim is read once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        facts = Facts(store)
        self.claim: Callable[[str], Claim] = cache(lambda iri: read_claim(facts, iri))

        @cache
        def name(iri: str) -> Label:
            node = NamedNode(iri)
            slug = notation(facts, node)
            return Label(label(facts, node), slug) if slug else Label(*[local_name(iri)] * 2)

        self.label: Callable[[str], Label] = name

    def plans(self) -> list[Label]:
        """Return all plans, those of an era after the arrangement in force that they build on."""
        text = f"""SELECT DISTINCT ?plan ?era {{ ?plan a <{NS}Plan> .
            OPTIONAL {{ ?plan <{NS}baseline>+ ?era . ?era a <{NS}StatusQuo> }} }}"""
        rows = select(self.store, text)
        places = {(r["era"] or r["plan"], bool(r["era"]), self.label(r["plan"])) for r in rows}
        return [plan for _, _, plan in sorted(places)]

    def held(self, rows: Iterable[Row]) -> Iterable[Cell]:
        """Yield a cell for each body that holds a power."""
        for group in _grouped(rows, "plan", "power", "matter", "holder", "cohort"):
            basis = min((Basis(row["basis"]) for row in group), key=_STRENGTH.__getitem__)
            gates = _texts(group, "gate")
            conditions = [f"once {gate}" for gate in gates]
            conditions += [f"until {until}" for until in _texts(group, "until")]
            conditions += [f"subject to: {how}" for how in _texts(group, "condition")]
            plan, power, matter = self._place(group)
            yield Cell(
                plan,
                power,
                matter,
                holders=(self.label(group[0]["holder"]),),
                basis=Basis.CONDITIONAL if basis is Basis.STIPULATED and gates else basis,
                qualifier=", ".join(_texts(group, "qualifier")) or None,
                deontic=", ".join(_texts(group, "deontic")) or None,
                conditions=tuple(conditions),
                cohort=", ".join(_texts(group, "cohort")) or None,
                quantity=", ".join(_texts(group, "quantity")) or None,
                sources=self._sources(group),
            )

    def left_open(self, rows: Iterable[Row]) -> Iterable[Cell]:
        """Yield a cell for each power of which somebody says that a plan leaves it open."""
        for group in _grouped(rows, "plan", "power", "matter"):
            holders = tuple(sorted(map(self.label, _texts(group, "candidate"))))
            sources = self._sources(group)
            yield Cell(*self._place(group), holders, Basis.LEFT_OPEN, sources=sources)

    def _place(self, group: list[Row]) -> tuple[Label, Label, Label]:
        plan, power, matter = (self.label(group[0][name]) for name in ("plan", "power", "matter"))
        return plan, power, matter

    def _sources(self, group: list[Row]) -> tuple[Source, ...]:
        """Return the passages behind a cell, what is said of the plan itself first."""
        found: dict[Source, None] = {}
        for row in group:
            claim, plan = self.claim(row["claim"]), self.label(row.get("claimPlan") or row["plan"])
            said = row.get("said") != "false"
            found |= {Source(claim, passage, plan, said): None for passage in claim.passages}
        own = self.label(group[0]["plan"])
        return tuple(
            sorted(
                found,
                key=lambda s: (s.plan != own, not s.said, s.passage.document, s.passage.start),
            )
        )


def _grouped(rows: Iterable[Row], *columns: str) -> list[list[Row]]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[column] for column in columns), []).append(row)
    return list(groups.values())


def _texts(group: Iterable[Row], column: str) -> list[str]:
    return sorted({row[column] for row in group if row[column]})


def _in_order(
    cells: Iterable[Cell], plans: Iterable[Label], powers: Iterable[Label]
) -> Iterable[Cell]:
    """Yield cells in order, and one that says ``no text says`` where a plan has none."""
    places: dict[tuple[Label, Label], list[Cell]] = {}
    for cell in dict.fromkeys(cells):
        places.setdefault((cell.power, cell.plan), []).append(cell)
    plans = list(plans)
    for power in powers:
        for plan in plans:
            here = places.get((power, plan)) or [Cell(plan, power, None, (), Basis.UNKNOWN)]
            yield from sorted(here, key=lambda c: (_STRENGTH[c.basis], str(c.matter), c.holder))
