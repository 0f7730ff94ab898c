"""The matrix: who holds which power under each plan, on what basis, by whose words.

Bases are never blurred (see :class:`Basis`): what a plan stipulates is kept apart from what it
floats, what it merely leaves as it was, what a text says it leaves open, and what no text says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import product
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Store

from nhskg.queries.engine import Row, select
from nhskg.queries.formats import draw_table, render_rows
from nhskg.queries.names import label, notation, resolve
from nhskg.queries.stored import bind, find_query
from nhskg.rdf.terms import DERIVED_GRAPH, local_name
from nhskg.reasoning.triple_lookup import Facts


class Basis(StrEnum):
    """Why a cell of the matrix says what it says, from the strongest to none at all."""

    STIPULATED = "stipulated"  # the plan says so
    CONDITIONAL = "conditional"  # the plan says so, once a condition is met
    PRESUPPOSED = "presupposed"  # in force, as a plan that retains it or takes it away implies
    INHERITED = "inherited"  # the plan says nothing of it; what is in force would stay
    TENTATIVE = "tentative"  # the plan only floats it
    LEFT_OPEN = "left open"  # somebody says that the plan does not say
    UNKNOWN = "no text says"  # nothing is known; which is not to say that nobody holds it


@dataclass(frozen=True, order=True, slots=True)
class Label:
    """A thing with the words for it: its label, and its id."""

    label: str
    slug: str

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, slots=True)
class Source:
    """A passage behind a cell, its position in code points, and the claim (an IRI) made there.

    ``plan`` is the one that the claim speaks of. It is ``said`` of the cell's plan, or of one that
    this builds upon; else only implied, by a plan that would keep the cell or take it away.
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
    """What is known of one power over one matter, if any text says, under one plan.

    It has one holder, or the candidates where it is left open, or several where cells are shown
    together. The qualifier is ``such as``, ``jointly`` …, the deontic ``power``, ``duty`` or
    ``permission``; the cohort is the part of the population for which it holds.
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
    store: Store, queries: Path, *, powers: Sequence[str] = (), plans: Sequence[str] = ()
) -> Matrix:
    """Read the matrix from a built store, by the queries ``matrix-cells`` and ``matrix-open``.

    Powers come with their narrower ones; none asks for all in some cell, and no plan for all plans.

    Raises:
        UsageError: a name is unknown; names the nearest.
        QueryError: a stored query cannot be evaluated.
    """
    facts = Facts(store, NamedNode(DERIVED_GRAPH))

    @cache
    def named(iri: str) -> Label:
        node = NamedNode(iri)
        slug = notation(facts, node)
        name = local_name(iri)
        return Label(label(facts, node), slug) if slug else Label(name, name)

    asked_powers = {named(resolve(store, power, "power").value): None for power in powers}
    asked_plans = {named(resolve(store, plan, "plan").value) for plan in plans}
    groups: dict[tuple[str | None, ...], list[Row]] = {}
    asked = [{"power": power} for power in powers] or [{}]
    for given, name in product(asked, ("matrix-cells", "matrix-open")):
        query = find_query(queries, name)
        for row in select(store, bind(query, given, store), source=query.path):
            key = (row["plan"], row["power"], row["matter"], row.get("holder"), row.get("cohort"))
            groups.setdefault(key, []).append(row)
    found = dict.fromkeys(_cell(rows, named) for rows in groups.values())
    # all plans, those of an era after the arrangement in force that they build on
    era = "OPTIONAL { ?plan nhs:baseline+ ?era . ?era a nhs:StatusQuo }"
    rows = select(store, f"SELECT ?plan ?era {{ ?plan a nhs:Plan {era} }}")
    eras = {(row["era"] or row["plan"], bool(row["era"]), named(row["plan"])) for row in rows}
    shown_plans = [plan for _, _, plan in sorted(eras) if not plans or plan in asked_plans]
    shown_powers = sorted({cell.power for cell in found}) or list(asked_powers)
    places = {place: number for number, place in enumerate(product(shown_powers, shown_plans))}
    cells = [cell for cell in found if (cell.power, cell.plan) in places]
    silent = places.keys() - {(cell.power, cell.plan) for cell in cells}
    cells += [Cell(plan, power, None, (), Basis.UNKNOWN) for power, plan in silent]
    strength = list(Basis).index
    cells.sort(key=lambda c: (places[c.power, c.plan], strength(c.basis), str(c.matter), c.holder))
    return Matrix(tuple(shown_plans), tuple(shown_powers), tuple(cells))


def _cell(rows: Sequence[Row], named: Callable[[str], Label]) -> Cell:
    """Return the cell of a body that holds a power, or of a power that is left open."""

    def values(column: str) -> list[str]:
        return sorted({row[column] for row in rows if row.get(column)})

    def text(column: str) -> str | None:
        return ", ".join(values(column)) or None

    def place(source: Source) -> tuple[object, ...]:
        return source.plan != plan, not source.said, source.document, source.start

    plan, power, matter = (named(rows[0][column]) for column in ("plan", "power", "matter"))
    bases = [Basis(value) for value in values("basis")] or [Basis.LEFT_OPEN]
    basis = min(bases, key=list(Basis).index)
    limits = (("once", "gate"), ("until", "until"), ("subject to:", "condition"))
    sources = {
        Source(
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
        ): None
        for row in rows
    }
    return Cell(
        plan,
        power,
        matter,
        holders=tuple(sorted(map(named, values("holder") + values("candidate")))),
        basis=Basis.CONDITIONAL if basis is Basis.STIPULATED and values("gate") else basis,
        qualifier=text("qualifier"),
        deontic=text("deontic"),
        conditions=tuple(f"{word} {value}" for word, of in limits for value in values(of)),
        cohort=text("cohort"),
        quantity=text("quantity"),
        sources=tuple(sorted(sources, key=place)),
    )


_COLUMNS: Final[dict[str, Callable[[Cell, Source | None], object]]] = {
    "plan_id": lambda cell, _: cell.plan.slug,
    "plan": lambda cell, _: cell.plan,
    "power_id": lambda cell, _: cell.power.slug,
    "power": lambda cell, _: cell.power,
    "matter_id": lambda cell, _: cell.matter and cell.matter.slug,
    "matter": lambda cell, _: cell.matter,
    "holder_ids": lambda cell, _: " ".join(holder.slug for holder in cell.holders),
    "holder": lambda cell, _: " or ".join(map(str, cell.holders)),
    "qualifier": lambda cell, _: cell.qualifier,
    "basis": lambda cell, _: cell.basis,
    "firmness": lambda _, source: source and source.firmness,
    "deontic": lambda cell, _: cell.deontic,
    "conditions": lambda cell, _: "; ".join(cell.conditions),
    "cohort": lambda cell, _: cell.cohort,
    "quantity": lambda cell, _: cell.quantity,
    "said_by": lambda _, source: source and source.claimant,
    "capacity": lambda _, source: source and source.capacity,
    "voice": lambda _, source: source and source.voice,
    "claim": lambda _, source: source and source.claim,
    "source": lambda _, source: source and source.reference,
    "quote": lambda _, source: source and source.quote,
}
"""The columns of CSV and TSV, each with its value for a cell and one of its sources."""
_HEADERS: Final = ("plan", "holder", "over", "basis", "how firmly", "said by", "source")
_WIDTHS: Final = (34, 26, 22, 24, 20, 24, 42)  # at most, of the columns of a table
_SIGNS: Final = dict(zip(Basis, ("", "", "… ", "↳ ", "~ ", "? ", "✗ "), strict=True))


def render_matrix(matrix: Matrix, form: str, *, width: int | None = None) -> str:
    """Render the matrix, power by power; as CSV, TSV or JSON a row a cell and source, with ids.

    A table is fitted to a width in columns as far as its words allow, or is easiest to read.
    """
    if form == "json":
        cells = [asdict(cell) for cell in matrix.cells]
        return json.dumps(cells, ensure_ascii=False, indent=2) + "\n"
    if form in ("csv", "tsv"):
        rows = [
            [str(value(cell, source) or "") for value in _COLUMNS.values()]
            for cell in matrix.cells
            for source in cell.sources or (None,)
        ]
        return render_rows(list(_COLUMNS), rows, form)
    parts = []
    for power in matrix.powers:
        table = _table([cell for cell in matrix.cells if cell.power == power], form)
        title = f"{power.label[:1].upper()}{power.label[1:]}"
        drawn = f"{'=' * len(title)}\n{draw_table(_HEADERS, table, width=width, most=_WIDTHS)}"
        marked = f"## {title}\n\n{render_rows(_HEADERS, table, form)}"
        parts.append(marked if form == "markdown" else f"{title}\n{drawn}")
    return "\n".join(parts)


def _table(cells: Iterable[Cell], form: str) -> list[list[str]]:
    """Return the rows of a power: a cell takes one for each source worth it."""
    rows, previous = [], None
    for cell in _joined(cells):
        # what is said of the plan itself is shown in full; of what is only implied, one
        own = [source for source in cell.sources if source.plan == cell.plan]
        shown = own or cell.sources[:1]
        cohort = cell.cohort and f"for {cell.cohort}"
        notes = filter(
            None, [_SIGNS[cell.basis] + cell.basis, *cell.conditions, cohort, cell.quantity]
        )
        known = [cell.holder, str(cell.matter or ""), "; ".join(notes)]
        for source in shown or (None,):
            plan = cell.plan.label if cell.plan != previous or form == "markdown" else ""
            said = ["", "", ""]
            if source is not None:
                speaker = ", ".join(filter(None, [source.claimant, source.capacity]))
                said = [source.firmness, speaker, f"{source.reference} “{source.quote}”"]
            rows.append([plan, *known, *said])
            previous, known = cell.plan, ["″", "", ""]
        if len(cell.sources) > len(shown):
            rows[-1][-1] += f" (+{len(cell.sources) - len(shown)} more)"
    return rows


def _joined(cells: Iterable[Cell]) -> list[Cell]:
    """Put bodies that one claim names together, and that hold the same, into one cell."""
    joined: dict[tuple[object, ...], Cell] = {}
    for cell in cells:
        bare = replace(cell, holders=(), sources=())
        place = (bare, *(source.claim for source in cell.sources[:1]))
        known = joined.get(place, bare)
        sources = tuple(dict.fromkeys((*known.sources, *cell.sources)))
        joined[place] = replace(bare, holders=known.holders + cell.holders, sources=sources)
    return list(joined.values())


def render_grid(matrix: Matrix, form: str, *, width: int | None = None) -> str:
    """Render powers (rows) by plans (columns): holders and bases, with signs for people only."""
    plain = form in ("csv", "tsv", "json")
    told: dict[tuple[Label, Label], list[str]] = {}
    for cell in matrix.cells:
        words = str(cell.basis) if plain else _SIGNS[cell.basis] + cell.basis
        if cell.basis is not Basis.UNKNOWN:
            sources = ", ".join(dict.fromkeys(source.reference for source in cell.sources))
            left_open = plain and cell.basis is Basis.LEFT_OPEN
            holder = " or ".join(map(str, cell.holders)) if left_open else cell.holder
            words = f"{holder}: {cell.matter} ({words}) [{sources}]"
        told.setdefault((cell.power, cell.plan), []).append(words)
    rows = [
        [power.label, *("; ".join(told[power, plan]) for plan in matrix.plans)]
        for power in matrix.powers
    ]
    headers = ("power", *(plan.label for plan in matrix.plans))
    if form != "table":
        return render_rows(headers, rows, form)
    widths = [18] + [22] * len(matrix.plans)
    return draw_table(headers, rows, tablefmt="grid", width=width, most=widths)
