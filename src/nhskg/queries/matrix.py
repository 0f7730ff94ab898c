"""The matrix: who holds which power under each plan, on what basis, by whose words.

Bases are never blurred (see :class:`Basis`): what a plan stipulates stands
apart from what it floats, from what it merely leaves as it was, from what a
text says it leaves open, and from what no text says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pyoxigraph import Store

from nhskg.queries.engine import Row, select
from nhskg.queries.stored import bind, find_query, resolve
from nhskg.rdf.terms import NS, SKOS, local_name

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


@dataclass(frozen=True, order=True, slots=True)
class Label:
    """A thing with the words for it: its id, and its label."""

    label: str
    slug: str

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, slots=True)
class Source:
    """One claim behind a cell: who says it, in what capacity, how firmly, and where.

    Attributes:
        claim: IRI of the claim.
        plan: the plan that the claim speaks of; another than the cell's where the cell is
            inherited or presupposed.
        said: whether it is said of the cell's plan, or of one that this plan builds upon; else it
            is only implied, by a plan that would keep it or take it away.
        claimant: who says it.
        capacity: the post spoken in, where the text gives it.
        voice: direct quote, reported speech, and so on.
        modality: how firm; nothing for a silence.
        hedge: the hedging words.
        document: slug of the source document.
        start: position of the passage in code points.
        end: where the passage ends, exclusive.
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
        hedge = f"(“{self.hedge}”)" if self.hedge else None
        return " ".join(filter(None, [self.modality, hedge]))

    @property
    def reference(self) -> str:
        """Where the passage stands, as ``document:start-end``."""
        return f"{self.document}:{self.start}-{self.end}"


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
        sources: the claims behind it.
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
        powers: slugs of the powers asked for, each with its narrower ones; none asks for
            every power that some cell is about.
        plans: slugs of the plans asked for; none asks for all.

    Raises:
        UsageError: a slug is unknown; names the nearest.
        QueryError: a stored query cannot be evaluated.
    """
    labels = _labels(store)
    wanted = list(dict.fromkeys(powers))
    found: list[Cell] = []
    for given in [{"power": power} for power in wanted] or [{}]:
        found += _held(_ask(store, queries, "matrix-cells", given), labels)
        found += _open(_ask(store, queries, "matrix-open", given), labels)
    all_plans = _plans_in_order(store, labels)
    chosen = list(plans)
    if chosen:
        only = {_label(labels, resolve(store, plan, "plan").value) for plan in chosen}
        all_plans = [plan for plan in all_plans if plan in only]
    asked = [_label(labels, resolve(store, power, "power").value) for power in wanted]
    shown = _powers(found, asked)
    cells = _complete(found, all_plans, shown)
    return Matrix(tuple(all_plans), tuple(shown), tuple(cells))


def _ask(store: Store, queries: Path, name: str, given: Mapping[str, str]) -> list[Row]:
    query = find_query(queries, name)
    return select(store, bind(query, given, store), source=query.path)


def _labels(store: Store) -> dict[str, Label]:
    text = f"SELECT ?x ?l ?n {{ ?x <{SKOS}prefLabel> ?l ; <{SKOS}notation> ?n }} ORDER BY ?x"
    return {row["x"]: Label(row["l"], row["n"]) for row in select(store, text)}


def _label(labels: Mapping[str, Label], iri: str) -> Label:
    return labels.get(iri) or Label(local_name(iri), local_name(iri))


def _plans_in_order(store: Store, labels: Mapping[str, Label]) -> list[Label]:
    text = f"""SELECT DISTINCT ?plan ?era {{ ?plan a <{NS}Plan> .
        OPTIONAL {{ ?plan <{NS}baseline>+ ?era . ?era a <{NS}StatusQuo> }} }}"""
    rows = []
    for row in select(store, text):
        plan, era = row["plan"], row["era"]
        rows.append((era or plan, era != "", _label(labels, plan)))
    return [label for _, _, label in sorted(set(rows))]


def _source(row: Row, labels: Mapping[str, Label]) -> Source:
    return Source(
        claim=row["claim"],
        plan=_label(labels, row.get("claimPlan") or row["plan"]),
        said=row.get("said") != "false",
        claimant=row["claimant"],
        capacity=row["capacity"] or None,
        voice=row["voice"],
        modality=row.get("modality") or None,
        hedge=row["hedge"] or None,
        document=row["document"],
        start=int(row["start"]),
        end=int(row["end"]),
        quote=row["quote"],
    )


def _held(rows: Iterable[Row], labels: Mapping[str, Label]) -> list[Cell]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        key = (row["plan"], row["power"], row["matter"], row["holder"], row["cohort"])
        groups.setdefault(key, []).append(row)
    return [_cell(group, labels) for group in groups.values()]


_ORDER = ("stipulated", "presupposed", "inherited", "tentative")


def _cell(group: list[Row], labels: Mapping[str, Label]) -> Cell:
    strongest = min((row["basis"] for row in group), key=_ORDER.index)
    first = group[0]
    basis = Basis(strongest)
    gates = _texts(group, "gate")
    if basis is Basis.STIPULATED and gates:
        basis = Basis.CONDITIONAL
    conditions = [f"once {gate}" for gate in gates]
    conditions += [f"until {until}" for until in _texts(group, "until")]
    conditions += [f"subject to: {how}" for how in _texts(group, "condition")]
    return Cell(
        plan=_label(labels, first["plan"]),
        power=_label(labels, first["power"]),
        matter=_label(labels, first["matter"]),
        holders=(_label(labels, first["holder"]),),
        basis=basis,
        qualifier=", ".join(_texts(group, "qualifier")) or None,
        deontic=", ".join(_texts(group, "deontic")) or None,
        conditions=tuple(conditions),
        cohort=", ".join(_texts(group, "cohort")) or None,
        quantity=", ".join(_texts(group, "quantity")) or None,
        sources=_sources(group, labels),
    )


def _sources(group: Sequence[Row], labels: Mapping[str, Label]) -> tuple[Source, ...]:
    """Return the claims behind a cell, what is said of the plan itself first."""
    found = dict.fromkeys(_source(row, labels) for row in group)
    own = _label(labels, group[0]["plan"])
    return tuple(sorted(found, key=lambda s: (s.plan != own, not s.said, s.document, s.start)))


def _texts(group: Iterable[Row], column: str) -> list[str]:
    return sorted({row[column] for row in group if row[column]})


def _open(rows: Iterable[Row], labels: Mapping[str, Label]) -> list[Cell]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["plan"], row["power"], row["matter"]), []).append(row)
    return [
        Cell(
            plan=_label(labels, plan),
            power=_label(labels, power),
            matter=_label(labels, matter),
            holders=tuple(
                sorted({_label(labels, r["candidate"]) for r in group if r["candidate"]})
            ),
            basis=Basis.LEFT_OPEN,
            sources=_sources(group, labels),
        )
        for (plan, power, matter), group in groups.items()
    ]


def _powers(cells: Iterable[Cell], asked: Iterable[Label]) -> list[Label]:
    """Return the powers to show: those with cells, and those asked for that have none."""
    seen = sorted({cell.power for cell in cells})
    return seen + [label for label in dict.fromkeys(asked) if label not in seen and not seen]


def _complete(cells: Iterable[Cell], plans: list[Label], powers: Iterable[Label]) -> list[Cell]:
    """Put cells in order and say ``no text says`` where a plan has none for a power."""
    by_place: dict[tuple[Label, Label], list[Cell]] = {}
    for cell in dict.fromkeys(cells):
        by_place.setdefault((cell.power, cell.plan), []).append(cell)
    complete = []
    for power in powers:
        for plan in plans:
            here = by_place.get((power, plan))
            if not here:
                complete.append(Cell(plan, power, None, (), Basis.UNKNOWN))
                continue
            order = list(Basis)
            here.sort(key=lambda c: (order.index(c.basis), str(c.matter), c.holder))
            complete += here
    return complete
