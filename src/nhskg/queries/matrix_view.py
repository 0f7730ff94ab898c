"""Render the matrix: a table for each power, a grid of powers by plans, CSV, JSON, Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import Final

from nhskg.queries.formats import draw_table, render_rows
from nhskg.queries.matrix import Basis, Cell, Matrix, Source

_COLUMNS: Final[dict[str, Callable[[Cell, Source | None], object]]] = {
    "plan_id": lambda cell, _: cell.plan.slug,
    "plan": lambda cell, _: cell.plan.label,
    "power_id": lambda cell, _: cell.power.slug,
    "power": lambda cell, _: cell.power.label,
    "matter_id": lambda cell, _: cell.matter and cell.matter.slug,
    "matter": lambda cell, _: cell.matter and cell.matter.label,
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
_TABLE: Final = {
    "plan": 34,
    "holder": 26,
    "over": 22,
    "basis": 24,
    "how firmly": 20,
    "said by": 24,
    "source": 42,
}
"""The columns of a table, each with its greatest width."""
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
        width: the columns that a table is fitted to as far as its words allow; nothing leaves it
            as wide as it is easiest to read.
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
        table = _rows([cell for cell in matrix.cells if cell.power == power], form)
        title = f"{power.label[:1].upper()}{power.label[1:]}"
        if form == "markdown":
            parts.append(f"## {title}\n\n{render_rows(list(_TABLE), table, form)}")
        else:
            drawn = draw_table(list(_TABLE), table, width=width, most=list(_TABLE.values()))
            parts.append(f"{title}\n{'=' * len(title)}\n{drawn}")
    return "\n".join(parts)


def _rows(cells: Iterable[Cell], form: str) -> list[list[str]]:
    """Return the rows of the table of a power: one for each source worth it."""
    rows, previous = [], None
    for cell in _joined(cells):
        # what is said of the plan itself is shown in full; of what is only implied, one
        own = [source for source in cell.sources if source.plan == cell.plan]
        shown = own or cell.sources[:1]
        for number, source in enumerate(shown or (None,)):
            plan = cell.plan.label if cell.plan != previous or form == "markdown" else ""
            previous = cell.plan
            rows.append([plan, *_of_cell(cell, first=number == 0), *_of_source(source)])
        if len(cell.sources) > len(shown):
            rows[-1][-1] += f" (+{len(cell.sources) - len(shown)} more)"
    return rows


def _joined(cells: Iterable[Cell]) -> list[Cell]:
    """Put bodies that one claim names together, and that hold the same, into one cell."""
    groups: dict[tuple[object, ...], list[Cell]] = {}
    for cell in cells:
        first = cell.sources[0].claim if cell.sources else None
        groups.setdefault((replace(cell, holders=(), sources=()), first), []).append(cell)
    joined = []
    for group in groups.values():
        holders = tuple(holder for cell in group for holder in cell.holders)
        sources = tuple(dict.fromkeys(source for cell in group for source in cell.sources))
        joined.append(replace(group[0], holders=holders, sources=sources))
    return joined


def _of_cell(cell: Cell, *, first: bool) -> tuple[str, str, str]:
    if not first:
        return "″", "", ""
    cohort = cell.cohort and f"for {cell.cohort}"
    notes = filter(None, [_basis(cell), *cell.conditions, cohort, cell.quantity])
    return cell.holder, str(cell.matter or ""), "; ".join(notes)


def _of_source(source: Source | None) -> tuple[str, str, str]:
    if source is None:
        return "", "", ""
    speaker = ", ".join(filter(None, [source.claimant, source.capacity]))
    return source.firmness, speaker, f"{source.reference} “{source.quote}”"


def _basis(cell: Cell) -> str:
    return _MARK.get(cell.basis, str(cell.basis))


def render_grid(matrix: Matrix, form: str, *, width: int | None = None) -> str:
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
    return draw_table(headers, rows, tablefmt="grid", width=width, most=widths)


def _grid_cell(cell: Cell, *, plain: bool) -> str:
    basis = str(cell.basis) if plain else _basis(cell)
    if cell.basis is Basis.UNKNOWN:
        return basis
    sources = ", ".join(dict.fromkeys(source.reference for source in cell.sources))
    left_open = plain and cell.basis is Basis.LEFT_OPEN
    holder = " or ".join(map(str, cell.holders)) if left_open else cell.holder
    return f"{holder}: {cell.matter} ({basis}) [{sources}]"
