"""Render the matrix: a table for each power, a grid of powers by plans, CSV, JSON, Markdown."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import Any, Final

from nhskg.queries.formats import draw_table, render_rows
from nhskg.queries.matrix import Basis, Cell, Matrix, Source

__all__ = ["render_grid", "render_matrix"]

_COLUMNS: Final[dict[str, Callable[[Cell, Source | None], str | None]]] = {
    "plan_id": lambda cell, _: cell.plan.slug,
    "plan": lambda cell, _: cell.plan.label,
    "power_id": lambda cell, _: cell.power.slug,
    "power": lambda cell, _: cell.power.label,
    "matter_id": lambda cell, _: cell.matter.slug if cell.matter else None,
    "matter": lambda cell, _: cell.matter.label if cell.matter else None,
    "holder_ids": lambda cell, _: " ".join(holder.slug for holder in cell.holders),
    "holder": lambda cell, _: " or ".join(map(str, cell.holders)),
    "qualifier": lambda cell, _: cell.qualifier,
    "basis": lambda cell, _: str(cell.basis),
    "firmness": lambda _, source: source.firmness if source else None,
    "deontic": lambda cell, _: cell.deontic,
    "conditions": lambda cell, _: "; ".join(cell.conditions),
    "cohort": lambda cell, _: cell.cohort,
    "quantity": lambda cell, _: cell.quantity,
    "said_by": lambda _, source: source.claim.claimant if source else None,
    "capacity": lambda _, source: source.claim.capacity if source else None,
    "voice": lambda _, source: source.claim.voice if source else None,
    "claim": lambda _, source: source.claim.iri if source else None,
    "source": lambda _, source: source.passage.reference if source else None,
    "quote": lambda _, source: source.passage.quote if source else None,
}
"""The columns of CSV and TSV, each with its value for a cell and one of its sources."""
_MARK: Final = {
    Basis.INHERITED: "↳ inherited",
    Basis.UNKNOWN: "✗ no text says",
    Basis.LEFT_OPEN: "? left open",
    Basis.TENTATIVE: "~ tentative",
    Basis.PRESUPPOSED: "… presupposed",
}


def render_matrix(matrix: Matrix, form: str, *, width: int | None = None) -> str:
    """Render the matrix, power by power.

    Args:
        matrix: what to show.
        form: ``table``, ``markdown``, ``csv``, ``tsv`` or ``json``; the last three give a row
            a cell and source, with ids.
        width: columns of the terminal, which a table is fitted to as far as its words allow;
            nothing leaves it as wide as it is easiest to read.
    """
    if form == "json":
        objects = [_object(cell) for cell in matrix.cells]
        return json.dumps(objects, ensure_ascii=False, indent=2) + "\n"
    if form in ("csv", "tsv"):
        rows = [
            [value(cell, source) or "" for value in _COLUMNS.values()]
            for cell in matrix.cells
            for source in cell.sources or (None,)
        ]
        return render_rows(list(_COLUMNS), rows, form)
    parts = []
    for power in matrix.powers:
        cells = [cell for cell in matrix.cells if cell.power == power]
        title = f"{power.label[:1].upper()}{power.label[1:]}"
        heading = f"## {title}\n\n" if form == "markdown" else f"{title}\n{'=' * len(title)}\n"
        parts.append(heading + _table(cells, form, width))
    return "\n".join(parts)


def _table(cells: Iterable[Cell], form: str, width: int | None) -> str:
    headers = ("plan", "holder", "over", "basis", "how firmly", "said by", "source")
    rows, previous = [], None
    for cell in _joined(cells):
        shown, more = _telling(cell)
        for number, source in enumerate(shown or (None,)):
            plan = cell.plan.label if cell.plan != previous or form == "markdown" else ""
            previous = cell.plan
            rows.append(_table_row(cell, source, plan, first=number == 0))
        if more:
            rows[-1][-1] += f" (+{more} more)"
    if form == "markdown":
        return render_rows(headers, rows, form)
    return draw_table(headers, rows, maxcolwidths=_fitted(headers, rows, width))


def _joined(cells: Iterable[Cell]) -> list[Cell]:
    """Put bodies that one claim names together, and that hold the same, into one cell."""
    groups: dict[tuple[object, ...], list[Cell]] = {}
    for cell in cells:
        first = cell.sources[0].claim.iri if cell.sources else None
        key = (replace(cell, holders=(), sources=()), first, cell.basis is Basis.LEFT_OPEN)
        groups.setdefault(key, []).append(cell)
    joined = []
    for group in groups.values():
        holders = tuple(holder for cell in group for holder in cell.holders)
        sources = tuple(dict.fromkeys(source for cell in group for source in cell.sources))
        joined.append(replace(group[0], holders=holders, sources=sources))
    return joined


def _telling(cell: Cell) -> tuple[tuple[Source, ...], int]:
    """Return the sources worth a row each, and how many are left out.

    What is said of the plan itself is shown in full; of what is inherited or only implied, one.
    """
    own = tuple(source for source in cell.sources if source.plan == cell.plan)
    shown = own or cell.sources[:1]
    return shown, len(cell.sources) - len(shown)


def _table_row(cell: Cell, source: Source | None, plan: str, *, first: bool) -> list[str]:
    notes = [*cell.conditions]
    notes += [f"for {cell.cohort}"] if cell.cohort else []
    notes += [cell.quantity] if cell.quantity else []
    over = str(cell.matter or "")
    head = (
        [plan, cell.holder, over, "; ".join([_basis(cell), *notes])]
        if first
        else [plan, "″", "", ""]
    )
    if source is None:
        return [*head, "", "", ""]
    passage = source.passage
    where = f"{passage.reference} “{passage.quote}”"
    return [*head, source.firmness, source.claim.speaker, where]


def _basis(cell: Cell) -> str:
    return _MARK.get(cell.basis, str(cell.basis))


_WIDTHS: Final = (34, 26, 22, 24, 20, 24, 42)
_NARROWEST: Final = 13
"""Columns that ``commissioning`` takes; a narrower cell would break words."""
_BETWEEN: Final = 2


def _fitted(headers: tuple[str, ...], rows: list[list[str]], width: int | None) -> list[int]:
    """Return the greatest width of each column; where room is short, the widest give way."""
    padded = [header + " " * _BETWEEN for header in headers]  # as tabulate has it
    cells = zip(padded, *rows, strict=True)
    widths = [min(most, max(map(len, column))) for most, column in zip(_WIDTHS, cells, strict=True)]
    room = (width or sys.maxsize) - _BETWEEN * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def render_grid(matrix: Matrix, form: str) -> str:
    """Render powers (rows) by plans (columns); each cell holds the holder and its basis.

    ``csv``, ``tsv`` and ``json`` have the words of the basis without the signs.
    """
    plain = form in ("csv", "tsv", "json")
    rows = []
    for power in matrix.powers:
        row = [power.label]
        for plan in matrix.plans:
            cells = [c for c in matrix.cells if (c.power, c.plan) == (power, plan)]
            row.append("; ".join(_grid_cell(cell, plain=plain) for cell in cells))
        rows.append(row)
    headers = ("power", *(plan.label for plan in matrix.plans))
    if form != "table":
        return render_rows(headers, rows, form)
    widths = [18] + [22] * len(matrix.plans)
    return draw_table(
        headers, rows, tablefmt="grid", maxcolwidths=widths, maxheadercolwidths=widths
    )


def _grid_cell(cell: Cell, *, plain: bool) -> str:
    basis = str(cell.basis) if plain else _basis(cell)
    if cell.basis is Basis.UNKNOWN:
        return basis
    sources = ", ".join(dict.fromkeys(source.passage.reference for source in cell.sources))
    left_open = plain and cell.basis is Basis.LEFT_OPEN
    holder = " or ".join(map(str, cell.holders)) if left_open else cell.holder
    return f"{holder}: {cell.matter} ({basis}) [{sources}]"


def _object(cell: Cell) -> dict[str, Any]:
    return asdict(replace(cell, sources=())) | {
        "basis": str(cell.basis),
        "sources": [
            {
                "claim": source.claim.iri,
                "plan": asdict(source.plan),
                "said": source.said,
                **{name: getattr(source.claim, name) for name in _OF_CLAIM},
                **{name: getattr(source.passage, name) for name in _OF_PASSAGE},
            }
            for source in cell.sources
        ],
    }


_OF_CLAIM: Final = ("claimant", "capacity", "voice", "modality", "hedge")
_OF_PASSAGE: Final = ("document", "start", "end", "quote")
