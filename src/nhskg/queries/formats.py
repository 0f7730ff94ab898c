"""Render answers: tables for people, the W3C result formats for programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any, Final

import pyoxigraph as ox

from nhskg.queries.engine import Result, evaluating
from nhskg.queries.layout import draw
from nhskg.rdf.errors import UsageError
from nhskg.rdf.terms import PREFIXES, compact

ROW_FORMATS: Final = ("table", "csv", "tsv", "json", "markdown")
GRAPH_FORMATS: Final = ("turtle", "ntriples")
SPARQL_TSV: Final = "sparql-tsv"

_NARROWEST: Final = 13  # as "commissioning"; longer words are broken where room is short
_PADDING: Final = 2  # what tabulate adds to the width of a header
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What begins a cell that a spreadsheet runs (OWASP, CSV injection)."""
_TSV: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def render_result(result: Result, form: str | None, *, terminal: bool, **how: Any) -> str:
    """Render the result of any query form, of rows as :func:`render_rows` does.

    Without a format it is Turtle, or a table on a terminal and TSV elsewhere. The rows of JSON and
    of ``sparql-tsv`` are the W3C formats; those of CSV and TSV have plain values.

    Raises:
        UsageError: the format does not fit the query form.
        QueryError: the query cannot be evaluated to its end.
    """
    if isinstance(result, ox.QueryTriples):
        if form not in (None, *GRAPH_FORMATS):
            raise UsageError("a CONSTRUCT or DESCRIBE query gives turtle or ntriples")
        with evaluating():
            triples = list(result)
        return render_triples(triples, form or "turtle")
    if form in GRAPH_FORMATS:
        raise UsageError("a SELECT or ASK query gives table, csv, tsv, json, markdown, sparql-tsv")
    form = form or ("table" if terminal else "tsv")
    if isinstance(result, ox.QueryBoolean) and form != "json":
        return ("true" if result else "false") + "\n"
    with evaluating():
        if isinstance(result, ox.QueryBoolean) or form in ("json", SPARQL_TSV):
            syntax = ox.QueryResultsFormat.from_extension(form.removeprefix("sparql-"))
            raw = (result.serialize(format=syntax) or b"").decode("utf-8")
            return raw if form == SPARQL_TSV else raw.rstrip("\n") + "\n"
        show = _show_term if form in ("table", "markdown") else _value
        rows = [list(map(show, solution)) for solution in result]
    return render_rows([each.value for each in result.variables], rows, form, **how)


def _value(term: object) -> str:
    """Return the value of a term: an IRI in full, a literal's text, nothing for unbound."""
    if isinstance(term, ox.NamedNode | ox.Literal):
        return term.value
    return "" if term is None else str(term)


def _show_term(term: object) -> str:
    """Return a term as a person reads it: a literal's text, a short IRI, nothing for unbound."""
    return compact(term.value) if isinstance(term, ox.NamedNode) else _value(term)


def render_rows(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    form: str,
    *,
    safe: bool = False,
    **how: Any,
) -> str:
    """Render rows of plain text as ``table``, ``markdown``, ``csv``, ``tsv`` or ``json``.

    CSV is that of RFC 4180, but for lines that end with LF. A line of TSV is a row, in which
    ``\\t``, ``\\n``, ``\\r`` and ``\\\\`` stand for tab, LF, CR and backslash. With ``safe``, a
    spreadsheet takes no cell for a formula: an apostrophe goes before it. A table is laid out as
    :func:`nhskg.queries.layout.draw` is told.
    """
    listed = list(rows)
    if form == "table":
        return draw(columns, listed, **how) if listed else "(no rows)\n"
    if form == "json":
        objects = [dict(zip(columns, row, strict=True)) for row in listed]
        return json.dumps(objects, ensure_ascii=False, indent=2) + "\n"
    if form == "markdown":
        ruled = [columns, ["---"] * len(columns), *listed] if listed else []
        cells = ([" ".join(cell.replace("|", "\\|").split()) for cell in row] for row in ruled)
        return "".join(f"| {' | '.join(row)} |\n" for row in cells)
    if safe:
        listed = [[f"'{c}" if c.startswith(_FORMULA) else c for c in row] for row in listed]
    if form == "tsv":
        lines = ("\t".join(cell.translate(_TSV) for cell in row) for row in [columns, *listed])
    else:
        lines = (",".join(map(_csv_cell, row)) or '""' for row in [columns, *listed])
    return "".join(f"{line}\n" for line in lines)


def _csv_cell(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if re.search('[",\r\n]', cell) else cell


def draw_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: int | None = None,
    most: Sequence[int] | None = None,
    tablefmt: str = "simple",
) -> str:
    """Draw a table in a format of tabulate: ``simple``, ``grid`` or ``github``.

    It is fitted to a width as far as its words allow; no column is wider than its ``most``.
    """
    from tabulate import tabulate  # noqa: PLC0415  # only a table pays for its import

    borders = 3 * len(columns) + 1 if tablefmt == "grid" else 2 * (len(columns) - 1)
    widths = _fitted(list(zip(columns, *rows, strict=True)), most, (width or sys.maxsize) - borders)
    headers = list(map(_wrapped, columns, (each - _PADDING for each in widths)))
    wrapped = [list(map(_wrapped, row, widths)) for row in rows]
    drawn = tabulate(wrapped, headers, tablefmt, disable_numparse=True)
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"


def _wrapped(cell: str, width: int) -> str:
    parts = (part for line in cell.splitlines() for part in wrap(line, width))
    return cell if len(cell) <= width else "\n".join(parts)


def _fitted(table: Sequence[tuple[str, ...]], most: Sequence[int] | None, room: int) -> list[int]:
    """Return the widths of columns, each a header and cells; where room is short, the widest give.

    They keep the length of their longest word, or, where that is still too wide, of a common one.
    """

    def longest_word(text: str) -> int:
        return max(map(len, wrap(text, 1, break_long_words=False)), default=0)

    widths = [max([len(header) + _PADDING, *map(len, cells)]) for header, *cells in table]
    widths = list(map(min, widths, most)) if most else widths
    for narrowest in (sys.maxsize, _NARROWEST):
        if sum(widths) <= room:
            break
        least = [
            max(longest_word(header) + _PADDING, min(narrowest, max(map(longest_word, cells))))
            for header, *cells in table
        ]
        while sum(widths) > room:
            spare = [width if width > low else 0 for width, low in zip(widths, least, strict=True)]
            if not any(spare):
                break
            widths[spare.index(max(spare))] -= 1
    return widths


def render_triples(triples: Iterable[ox.Triple], form: str) -> str:
    """Render triples as Turtle or N-Triples, sorted: the same graph gives the same bytes."""
    ordered = sorted(set(triples), key=str)
    text = "\n".join(map(str, ordered))
    used = {prefix: iri for prefix, iri in PREFIXES.items() if f"<{iri}" in text}
    syntax = ox.RdfFormat.TURTLE if form == "turtle" else ox.RdfFormat.N_TRIPLES
    raw = ox.serialize(ordered, format=syntax, prefixes=used) or b""
    return raw.decode("utf-8")
