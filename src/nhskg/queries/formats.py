"""Render answers: tables for people, the W3C result formats for programs."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Sequence
from operator import gt
from textwrap import wrap
from typing import Final

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QueryTriples,
    RdfFormat,
    Triple,
    serialize,
)

from nhskg.queries.engine import Result, evaluating
from nhskg.rdf.errors import UsageError
from nhskg.rdf.terms import PREFIXES, compact

ROW_FORMATS: Final = ("table", "csv", "tsv", "json", "markdown")
GRAPH_FORMATS: Final = ("turtle", "ntriples")

_RESULTS: Final = {
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
    "json": QueryResultsFormat.JSON,
}

_NARROWEST: Final = 13
"""Columns that ``commissioning`` takes; longer words are broken where room is short."""
_PADDING: Final = 2
"""What tabulate adds to the width of a header."""

Term = NamedNode | BlankNode | Literal | Triple


def show_term(term: Term | None) -> str:
    """Return a term as a person reads it: a literal's text, a short IRI, nothing for unbound."""
    if term is None:
        return ""
    if isinstance(term, NamedNode):
        return compact(term.value)
    if isinstance(term, Literal):
        return term.value
    return str(term)


def render_result(
    result: Result, form: str | None, *, terminal: bool, width: int | None = None
) -> str:
    """Render the result of any query form.

    Args:
        result: what the query gave.
        form: one of :data:`ROW_FORMATS` or :data:`GRAPH_FORMATS`; nothing chooses by the
            query form: a table (TSV where nobody looks) or Turtle.
        terminal: whether a person looks at it.
        width: the columns that a table is fitted to, as far as its words allow.

    Raises:
        UsageError: the format does not fit the query form.
        QueryError: the query cannot be evaluated to its end.
    """
    if isinstance(result, QueryTriples):
        if form is not None and form not in GRAPH_FORMATS:
            raise UsageError(f"a CONSTRUCT or DESCRIBE query gives {_either(GRAPH_FORMATS)}")
        with evaluating():
            triples = list(result)
        return render_triples(triples, form or "turtle")
    if form in GRAPH_FORMATS:
        raise UsageError(f"a SELECT or ASK query gives {_either(ROW_FORMATS)}")
    form = form or ("table" if terminal else "tsv")
    if form in _RESULTS and not (isinstance(result, QueryBoolean) and form != "json"):
        with evaluating():
            raw = result.serialize(format=_RESULTS[form])
        assert raw is not None
        return raw.decode("utf-8").replace("\r\n", "\n").rstrip("\n") + "\n"
    if isinstance(result, QueryBoolean):
        return ("true" if result else "false") + "\n"
    columns = [variable.value for variable in result.variables]
    with evaluating():
        rows = [[show_term(solution[column]) for column in columns] for solution in result]
    return render_rows(columns, rows, form, width=width)


def render_rows(
    columns: Sequence[str], rows: Iterable[Sequence[str]], form: str, *, width: int | None = None
) -> str:
    """Render rows of plain text as ``table``, ``markdown``, ``csv``, ``tsv`` or ``json``."""
    if form == "json":
        objects = [dict(zip(columns, row, strict=True)) for row in rows]
        return json.dumps(objects, ensure_ascii=False, indent=2) + "\n"
    if form in ("csv", "tsv"):
        out = io.StringIO()
        dialect = "excel" if form == "csv" else "excel-tab"
        writer = csv.writer(out, dialect, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        return out.getvalue()
    listed = [list(row) for row in rows]
    if not listed:
        return "(no rows)\n" if form == "table" else ""
    if form == "table":
        return draw_table(columns, listed, width=width)
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in listed]
    return draw_table(columns, escaped, tablefmt="github")


def draw_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    width: int | None = None,
    most: Sequence[int] | None = None,
    tablefmt: str = "simple",
) -> str:
    """Draw a table in a format of tabulate.

    Args:
        columns: the headers.
        rows: the cells.
        width: the columns that it is fitted to, as far as its words allow.
        most: the greatest width of each column.
        tablefmt: ``simple``, ``grid`` or ``github``.
    """
    from tabulate import tabulate  # noqa: PLC0415  # only a table pays for its import

    cells = [list(row) for row in rows]
    if width or most:
        borders = 3 * len(columns) + 1 if tablefmt == "grid" else 2 * (len(columns) - 1)
        widths = _fitted(columns, cells, most, (width or sys.maxsize) - borders)
        cells = [list(map(_wrapped, row, widths)) for row in cells]
        columns = list(map(_wrapped, columns, (each - _PADDING for each in widths)))
    drawn = tabulate(cells, list(columns), tablefmt, disable_numparse=True)
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"


def _wrapped(cell: str, width: int) -> str:
    if len(cell) <= width:
        return cell
    return "\n".join(part for line in cell.splitlines() for part in wrap(line, width))


def _fitted(
    columns: Sequence[str], rows: Iterable[Sequence[str]], most: Sequence[int] | None, room: int
) -> list[int]:
    """Return the width of each column; where room is short, the widest give way.

    They keep the length of their longest word, or, where that is still too wide, of a common one.
    """
    table = list(zip(columns, *rows, strict=True))
    widths = [max(len(header) + _PADDING, *map(len, cells)) for header, *cells in table]
    widths = list(map(min, widths, most)) if most else widths
    if sum(widths) <= room:
        return widths
    words = [
        (_longest_word(header) + _PADDING, max(map(_longest_word, cells)))
        for header, *cells in table
    ]
    for narrowest in (sys.maxsize, _NARROWEST):
        least = [max(header, min(word, narrowest)) for header, word in words]
        while sum(widths) > room and any(map(gt, widths, least)):
            spare = [width if width > low else 0 for width, low in zip(widths, least, strict=True)]
            widths[spare.index(max(spare))] -= 1
    return widths


def _longest_word(text: str) -> int:
    return max(map(len, wrap(text, 1, break_long_words=False)), default=0)


def render_triples(triples: Iterable[Triple], form: str) -> str:
    """Render triples as Turtle or N-Triples, sorted: the same graph gives the same bytes."""
    ordered = sorted(set(triples), key=str)
    syntax = RdfFormat.TURTLE if form == "turtle" else RdfFormat.N_TRIPLES
    used = _used_prefixes(ordered) if form == "turtle" else None
    raw = serialize(ordered, format=syntax, prefixes=used)
    assert raw is not None
    return raw.decode("utf-8")


def _used_prefixes(triples: Iterable[Triple]) -> dict[str, str]:
    text = "\n".join(str(triple) for triple in triples)
    return {prefix: iri for prefix, iri in PREFIXES.items() if f"<{iri}" in text}


def _either(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + " or " + names[-1]
