"""Render answers: tables for people, the W3C result formats for programs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import pyoxigraph as ox

from nhskg.queries.engine import Result, evaluating
from nhskg.queries.layout import draw
from nhskg.rdf.errors import UsageError
from nhskg.rdf.escaping import BREAK, json_escaped, json_text, markdown
from nhskg.rdf.terms import PREFIXES, compact

ROW_FORMATS: Final = ("table", "csv", "tsv", "json", "markdown")
GRAPH_FORMATS: Final = ("turtle", "ntriples")
SPARQL_TSV: Final = "sparql-tsv"

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
    if isinstance(result, ox.QueryTriples | list):
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
            return raw if form == SPARQL_TSV else json_escaped(raw.rstrip("\n")) + "\n"
        show = _show_term if form in ("table", "markdown") else _value
        rows = [list(map(show, solution)) for solution in result]
    return render_rows([each.value for each in result.variables], rows, form, **how)


def _value(term: object) -> str:
    """Return the value of a term: an IRI in full, a literal's text, nothing for unbound."""
    if isinstance(term, ox.NamedNode | ox.Literal):
        return term.value
    if isinstance(term, ox.Triple):
        return f"<<( {term} )>>"
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

    CSV is that of RFC 4180: lines end with CR LF. A line of TSV is a row, in which
    ``\\t``, ``\\n``, ``\\r`` and ``\\\\`` stand for tab, LF, CR and backslash. With ``safe``, a
    spreadsheet takes no cell for a formula: an apostrophe goes before it. A table is laid out as
    :func:`nhskg.queries.layout.draw` is told.
    """
    listed = list(rows)
    if form == "table":
        return draw(columns, listed, **how) if listed else "(no rows)\n"
    if form == "json":
        objects = [dict(zip(columns, row, strict=True)) for row in listed]
        return json_text(objects)
    if form == "markdown":
        ruled = [columns, ["---"] * len(columns), *listed] if listed else []
        cells = ([" ".join(map(markdown, cell.split(BREAK))) for cell in row] for row in ruled)
        return "".join(f"| {' | '.join(row)} |\n" for row in cells)
    if safe:
        listed = [[f"'{c}" if c.startswith(_FORMULA) else c for c in row] for row in listed]
    if form == "tsv":
        rows = [[cell.translate(_TSV) for cell in row] for row in [columns, *listed]]
        return "".join("\t".join(row) + "\n" for row in rows)
    return "".join((",".join(map(_csv_cell, row)) or '""') + "\r\n" for row in [columns, *listed])


def _csv_cell(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if re.search('[",\r\n]', cell) else cell


def render_triples(triples: Iterable[ox.Triple], form: str) -> str:
    """Render triples as Turtle or N-Triples, sorted: the same graph gives the same bytes."""
    ordered = sorted(set(triples), key=str)
    text = "\n".join(map(str, ordered))
    used = {prefix: iri for prefix, iri in PREFIXES.items() if f"<{iri}" in text}
    syntax = ox.RdfFormat.TURTLE if form == "turtle" else ox.RdfFormat.N_TRIPLES
    raw = ox.serialize(ordered, format=syntax, prefixes=used) or b""
    return raw.decode("utf-8")
