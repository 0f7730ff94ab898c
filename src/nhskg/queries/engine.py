"""Evaluate SPARQL queries over a store or RDF files; a faulty query gives one clear line.

The parser is the store's; a text is only cut into tokens here, so that a keyword is distinguished
from the same letters in a string, a name or a comment.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, Store

from nhskg.rdf.errors import InputError, Place, QueryError
from nhskg.rdf.lines import FORMATS, RdfParser
from nhskg.rdf.sparql.parser import tokens
from nhskg.rdf.terms import PREFIXES

_UPDATES: Final = frozenset(
    ("ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "WITH")
)
_PROLOGUE: Final = re.compile(
    r"(?:\s+|#[^\r\n]*|PREFIX\s*[\w.-]*:\s*<[^>]*>|BASE\s*<[^>]*>)*", re.IGNORECASE
)
_DECLARED: Final = re.compile(r"\bPREFIX\s*([\w.-]*):", re.IGNORECASE)
_IN_BROKEN_IRI: Final = re.compile(r"<[^\s>]*\Z")


def has_dataset(query: str) -> bool:
    """Return whether a query says by FROM or FROM NAMED which graphs it is asked of.

    >>> has_dataset("SELECT * FROM <urn:g> { ?s ?p ?o }")
    True
    >>> has_dataset("SELECT ?from { ?from :from 'FROM <urn:g>' } # FROM <urn:g>")
    False
    """
    return any(each.kind == "word" and each.upper == "FROM" for each in tokens(query))


def explained_fault(query: str, known: Container[str], noticed: int) -> tuple[str, int] | None:
    """Return what is wrong with a query that does not parse, and where, as far as a token shows it.

    Args:
        query: what the parser refused.
        known: prefixes that need not be declared.
        noticed: the offset up to which the parser came.
    """
    prologue = _PROLOGUE.match(query)
    assert prologue is not None
    start = prologue.end()
    if start == len(query):
        return "the query is empty; write a SELECT, ASK, CONSTRUCT or DESCRIBE query", 0
    declared = _DECLARED.findall(query, 0, start)
    body = [each for each in tokens(query) if each.start >= start]
    if body[0].upper in _UPDATES:
        fault = f"{body[0].upper} is an update, and only queries are answered"
        return f"{fault}: SELECT, ASK, CONSTRUCT or DESCRIBE", start
    for each in body:
        if each.end > noticed or each.text in ("'", '"'):
            break  # behind a quote mark that nothing closes, words are no names
        prefix = each.text.partition(":")[0]
        if each.kind != "pname" or prefix in known or prefix in declared:
            continue
        if _IN_BROKEN_IRI.search(query, 0, each.start) is None:
            fault = f"unknown prefix '{prefix}:'; declare it with PREFIX {prefix}: <IRI>"
            return fault, each.start
    return None


Result = QuerySolutions | QueryTriples | QueryBoolean

Row = dict[str, str]
"""One solution: from a variable to its value (an IRI or a literal's text; empty if unbound)."""

_AT: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)

RDF_ENDINGS: Final = frozenset(FORMATS)
"""The endings of the files that :func:`load_data` reads."""


def evaluate(store: Store, query: str, *, source: Path | None = None) -> Result:
    """Evaluate a SPARQL 1.1 query over the union of all graphs of a store.

    A query with a dataset of its own (``FROM``, ``FROM NAMED``) is evaluated over that (SPARQL 1.1
    Query Language, 13.2): with ``FROM NAMED`` only, its default graph is empty. The prefixes of
    :data:`nhskg.rdf.terms.PREFIXES` need not be declared.

    Args:
        store: what to ask.
        query: a SELECT, ASK, CONSTRUCT or DESCRIBE query.
        source: the file that the query came from, for messages.

    Raises:
        QueryError: the query cannot be parsed or evaluated; with line and column.
    """
    union = not has_dataset(query)
    with evaluating():
        try:
            return store.query(query, prefixes=PREFIXES, use_default_graph_as_union=union)
        except SyntaxError as error:
            raise _query_error(error, query, source) from error


@contextmanager
def evaluating() -> Iterator[None]:
    """Map what goes wrong while the solutions of a query are read.

    A query is evaluated while its result is read, so a SERVICE that does not answer is noticed
    here and not in :func:`evaluate`.

    Raises:
        QueryError: the query cannot be evaluated to its end.
    """
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        message = f"the query cannot be evaluated: {' '.join(str(error).split())}"
        raise QueryError(message) from error


def select(store: Store, query: str, *, source: Path | None = None) -> list[Row]:
    """Evaluate a SELECT query and return its solutions as plain values.

    Raises:
        QueryError: the query cannot be parsed or evaluated, or is no SELECT query.
    """
    result = evaluate(store, query, source=source)
    if not isinstance(result, QuerySolutions):
        place = Place(source) if source else None
        raise QueryError("a SELECT query is expected here", place=place)
    columns = [variable.value for variable in result.variables]
    with evaluating():
        return [{name: _value(solution[name]) for name in columns} for solution in result]


def _value(term: object) -> str:
    return "" if term is None else str(getattr(term, "value", term))


def _query_error(error: SyntaxError, query: str, source: Path | None) -> QueryError:
    found = _AT.search(str(error))
    if found is None:
        return QueryError(f"not a SPARQL query: {error}", place=Place(source) if source else None)
    line, column, expected = int(found[1]), int(found[2]), " ".join(found[3].split())
    lines = query.split("\n")
    noticed = sum(len(each) + 1 for each in lines[: line - 1]) + column - 1
    explained = explained_fault(query, PREFIXES, noticed)
    if explained is not None:
        expected, start = explained
        before = query[:start]
        line, column = before.count("\n") + 1, start - before.rfind("\n")
    if len(expected) > 160:
        expected = expected[:157] + "..."
    place = Place(source or Path("query"), line, column)
    return QueryError(f"not a SPARQL query: {expected}", place=place)


def load_data(files: Sequence[Path], *, prefixes: dict[str, str] | None = None) -> Store:
    """Read RDF files into a store in memory, each by its file ending; ``-`` is standard input.

    Standard input is read as TriG, and so as Turtle. The prefixes that they declare are added to
    ``prefixes``; of two with one name the first stays.

    Raises:
        InputError: a file is missing, of an unknown format, or not well formed; names all of them.
    """
    store = Store()
    faults: list[InputError] = []
    for file in files:
        try:
            parser = RdfParser.open(file, rename=len(files) > 1)
            store.extend(parser)
        except InputError as error:
            faults.append(error)
        else:
            if prefixes is not None:
                prefixes.update({**parser.prefixes, **prefixes})
    if faults:
        raise InputError(
            "\n".join([faults[0].message, *map(str, faults[1:])]), place=faults[0].place
        )
    return store
