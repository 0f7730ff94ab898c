"""Evaluate SPARQL queries over a store or RDF files; a faulty query gives one clear line.

The parser is the store's; a text is only cut into tokens here, so that a keyword is distinguished
from the same letters in a string, a name or a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, Store

from nhskg.rdf.errors import InputError, Place, QueryError
from nhskg.rdf.lines import RdfParser
from nhskg.rdf.sparql.parser import tokens
from nhskg.rdf.terms import PREFIXES

Result = QuerySolutions | QueryTriples | QueryBoolean

Row = dict[str, str]
"""One solution: from a variable to its value (an IRI or a literal's text; empty if unbound)."""

_UPDATES: Final = "ADD CLEAR COPY CREATE DELETE DROP INSERT LOAD MOVE WITH".split()
_PROLOGUE: Final = re.compile(
    r"(?:\s+|#[^\r\n]*|PREFIX\s*[\w.-]*:\s*<[^>]*>|BASE\s*<[^>]*>)*", re.IGNORECASE
)


def evaluate(store: Store, query: str, *, source: Path | None = None) -> Result:
    """Evaluate a SPARQL 1.1 query over the union of all graphs of a store.

    A query with a dataset of its own (``FROM``, ``FROM NAMED``) is evaluated over that (SPARQL 1.1
    Query Language, 13.2): with ``FROM NAMED`` only, its default graph is empty. The prefixes of
    :data:`nhskg.rdf.terms.PREFIXES` need not be declared.

    Raises:
        QueryError: the query cannot be parsed or evaluated; with its file, line and column.
    """
    union = not any(each.kind == "word" and each.upper == "FROM" for each in tokens(query))
    with evaluating():
        try:
            return store.query(query, prefixes=PREFIXES, use_default_graph_as_union=union)
        except SyntaxError as error:
            raise _query_error(error, query, source) from error


@contextmanager
def evaluating() -> Iterator[None]:
    """Raise QueryError where a result cannot be read to its end, as a SERVICE does not answer."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        message = f"the query cannot be evaluated: {' '.join(str(error).split())}"
        raise QueryError(message) from error


def select(store: Store, query: str, *, source: Path | None = None) -> list[Row]:
    """Return the solutions of a query as plain values; QueryError if it is faulty, or no SELECT."""
    result = evaluate(store, query, source=source)
    if not isinstance(result, QuerySolutions):
        place = Place(source) if source else None
        raise QueryError("a SELECT query is expected here", place=place)
    names = [variable.value for variable in result.variables]
    with evaluating():
        return [{n: str(getattr(row[n], "value", row[n] or "")) for n in names} for row in result]


def _query_error(error: SyntaxError, query: str, source: Path | None) -> QueryError:
    found = re.search(r"error at (\d+):(\d+): (.*)", str(error), re.DOTALL)
    if found is None:
        return QueryError(f"not a SPARQL query: {error}", place=Place(source) if source else None)
    lines = query.split("\n")[: int(found[1]) - 1]
    noticed = sum(len(each) + 1 for each in lines) + int(found[2]) - 1
    fault, start = _explained_fault(query, noticed) or (" ".join(found[3].split()), noticed)
    fault = fault if len(fault) <= 160 else fault[:157] + "..."
    line, column = query.count("\n", 0, start) + 1, start - query.rfind("\n", 0, start)
    place = Place(source or Path("query"), line, column)
    return QueryError(f"not a SPARQL query: {fault}", place=place)


def _explained_fault(query: str, noticed: int) -> tuple[str, int] | None:
    """Return what is wrong and where, as far as a token before the parser's offset shows it."""
    start = len(_PROLOGUE.match(query)[0])  # type: ignore[index]  # it matches any text
    body = [each for each in tokens(query) if each.start >= start]
    if not body:
        return "the query is empty; write a SELECT, ASK, CONSTRUCT or DESCRIBE query", 0
    if body[0].upper in _UPDATES:
        fault = f"{body[0].upper} is an update, and only queries are answered"
        return f"{fault}: SELECT, ASK, CONSTRUCT or DESCRIBE", start
    known = {*PREFIXES, *re.findall(r"\bPREFIX\s*([\w.-]*):", query[:start], re.IGNORECASE)}
    for each in body:
        if each.end > noticed or each.text in ("'", '"'):
            break  # behind a quote mark that nothing closes, words are no names
        prefix = each.text.partition(":")[0]
        is_unknown = each.kind == "pname" and prefix not in known
        if is_unknown and not re.search(r"<[^\s>]*\Z", query[: each.start]):  # in a broken IRI
            fault = f"unknown prefix '{prefix}:'; declare it with PREFIX {prefix}: <IRI>"
            return fault, each.start
    return None


def load_data(files: Sequence[Path], *, prefixes: dict[str, str] | None = None) -> Store:
    """Read RDF files into a store in memory, each by its file ending; ``-`` is TriG on stdin.

    The prefixes that they declare are added to ``prefixes``; of two with one name the first stays.

    Raises:
        InputError: a file is missing, of an unknown format, or not well formed; names all of them.
    """
    store, declared = Store(), {} if prefixes is None else prefixes
    faults: list[InputError] = []
    for file in files:
        try:
            parser = RdfParser.open(file, rename=len(files) > 1)
            store.extend(parser)
            declared.update({**parser.prefixes, **declared})
        except InputError as error:
            faults.append(error)
    if faults:
        message = "\n".join([faults[0].message, *map(str, faults[1:])])
        raise InputError(message, place=faults[0].place)
    return store
