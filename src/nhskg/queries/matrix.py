"""The matrix: who holds which power under each plan, on what basis, by whose words.

Bases are never blurred (see :class:`Basis`): what a plan stipulates stands
apart from what it floats, from what it merely leaves as it was, from what a
text says it leaves open, and from what no text says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from nhskg.errors import QueryError
from nhskg.queries.engine import evaluate
from nhskg.queries.stored import bind, find_query
from nhskg.terms import NS, SKOS, local_name

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
        plan: slug of the plan that the claim is a provision of; another than the cell's plan
            where the cell is inherited or presupposed.
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
    plan: str
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
        holders: the body that holds it, or the candidates where it is left open.
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
        names = " or ".join(holder.label for holder in self.holders) or "—"
        if self.basis is Basis.LEFT_OPEN:
            return f"? ({names})"
        return f"{self.qualifier}: {names}" if self.qualifier else names

    @property
    def firmness(self) -> str:
        """The modalities of the claims behind the cell, with their hedges."""
        words = []
        for source in self.sources:
            word = source.modality or ""
            if source.hedge:
                word = f"{word} (“{source.hedge}”)".strip()
            if word and word not in words:
                words.append(word)
        return "; ".join(words)


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
    for power in wanted or [None]:
        given = {} if power is None else {"power": power}
        found += _held(_ask(store, queries, "matrix-cells", given), labels)
        found += _open(_ask(store, queries, "matrix-open", given), labels)
    all_plans = _plans_in_order(store, labels)
    chosen = list(dict.fromkeys(plans))
    if chosen:
        for plan in chosen:
            bind(find_query(queries, "matrix-cells"), {"plan": plan}, store)
        all_plans = [plan for plan in all_plans if plan.slug in chosen]
    asked = [_label_of_slug(labels, slug) for slug in wanted]
    shown = _powers(found, asked)
    cells = _complete(found, all_plans, shown)
    return Matrix(tuple(all_plans), tuple(shown), tuple(cells))


def _ask(store: Store, queries: Path, name: str, given: Mapping[str, str]) -> list[dict[str, Any]]:
    query = find_query(queries, name)
    result = evaluate(store, bind(query, given, store), source=query.path)
    if not hasattr(result, "variables"):
        raise QueryError(f"stored query '{name}' must be a SELECT query")
    columns = [variable.value for variable in result.variables]
    return [
        {c: (None if row[c] is None else row[c].value) for c in columns}  # type: ignore[index]
        for row in result
    ]


def _labels(store: Store) -> dict[str, Label]:
    rows = evaluate(
        store, f"SELECT ?x ?l ?n {{ ?x <{SKOS}prefLabel> ?l ; <{SKOS}notation> ?n }} ORDER BY ?x"
    )
    assert not isinstance(rows, bool)
    return {
        row["x"].value: Label(row["l"].value, row["n"].value)  # type: ignore[index,union-attr]
        for row in rows  # type: ignore[union-attr]
    }


def _label(labels: Mapping[str, Label], iri: str) -> Label:
    return labels.get(iri) or Label(local_name(iri), local_name(iri))


def _label_of_slug(labels: Mapping[str, Label], slug: str) -> Label:
    return next(label for label in labels.values() if label.slug == slug)


def _plans_in_order(store: Store, labels: Mapping[str, Label]) -> list[Label]:
    text = f"""SELECT DISTINCT ?plan ?era {{ ?plan a <{NS}Plan> .
        OPTIONAL {{ ?plan <{NS}baseline>+ ?era . ?era a <{NS}StatusQuo> }} }}"""
    rows = []
    for row in evaluate(store, text):  # type: ignore[union-attr]
        plan = row["plan"].value  # type: ignore[index,union-attr]
        era = row["era"].value if row["era"] else ""  # type: ignore[index,union-attr]
        rows.append((era or plan, bool(era), _label(labels, plan)))
    return [label for _, _, label in sorted(set(rows))]


def _source(row: Mapping[str, Any]) -> Source:
    return Source(
        claim=row["claim"],
        plan=local_name(row.get("claimPlan") or row["plan"]),
        claimant=row["claimant"],
        capacity=row["capacity"],
        voice=row["voice"],
        modality=row.get("modality"),
        hedge=row["hedge"],
        document=row["document"],
        start=int(row["start"]),
        end=int(row["end"]),
        quote=row["quote"],
    )


def _held(rows: Iterable[Mapping[str, Any]], labels: Mapping[str, Label]) -> list[Cell]:
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        key = (row["plan"], row["power"], row["matter"], row["holder"], row["cohort"] or "")
        groups.setdefault(key, []).append(row)
    return [_cell(group, labels) for group in groups.values()]


_ORDER = ("stipulated", "presupposed", "inherited", "tentative")


def _cell(group: list[Mapping[str, Any]], labels: Mapping[str, Label]) -> Cell:
    strongest = min((row["basis"] for row in group), key=_ORDER.index)
    first = group[0]
    basis = Basis(strongest)
    gates = _texts(group, "gate")
    if basis is Basis.STIPULATED and gates:
        basis = Basis.CONDITIONAL
    conditions = [f"once {gate}" for gate in gates]
    conditions += [f"until {until}" for until in _texts(group, "until")]
    conditions += [f"subject to {how}" for how in _texts(group, "condition")]
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
        sources=tuple(dict.fromkeys(_source(row) for row in group)),
    )


def _texts(group: Iterable[Mapping[str, Any]], column: str) -> list[str]:
    return sorted({row[column] for row in group if row[column]})


def _open(rows: Iterable[Mapping[str, Any]], labels: Mapping[str, Label]) -> list[Cell]:
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["plan"], row["power"], row["matter"]), []).append(row)
    return [
        Cell(
            plan=_label(labels, plan),
            power=_label(labels, power),
            matter=_label(labels, matter),
            holders=tuple(sorted({_label(labels, r["candidate"]) for r in group if r["candidate"]})),
            basis=Basis.LEFT_OPEN,
            sources=tuple(dict.fromkeys(_source(row) for row in group)),
        )
        for (plan, power, matter), group in groups.items()
    ]


def _powers(cells: Iterable[Cell], asked: Iterable[Label]) -> list[Label]:
    """Return the powers to show: those with cells, and those asked for that have none."""
    seen = sorted({cell.power for cell in cells})
    return seen + [label for label in dict.fromkeys(asked) if label not in seen and not seen]


def _complete(
    cells: Iterable[Cell], plans: list[Label], powers: Iterable[Label]
) -> list[Cell]:
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
