"""Evaluate SPARQL queries over a store or RDF files; a faulty query gives one clear line."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, RdfFormat, Store, parse

from nhskg.queries.tokens import explained_fault, has_dataset
from nhskg.rdf.errors import InputError, Place, QueryError
from nhskg.rdf.terms import PREFIXES

__all__ = ["RDF_ENDINGS", "Result", "Row", "evaluate", "evaluating", "load_data", "select"]

Result = QuerySolutions | QueryTriples | QueryBoolean

Row = dict[str, str]
"""One solution: from a variable to its value (an IRI or a literal's text; empty if unbound)."""

_AT: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)

_PARSER_AT: Final = re.compile(r"^Parser error at line .*? columns? \d+( and \d+)?: ")
"""The place in a message of the parser; messages of nhskg begin with it."""

_STDIN: Final = Path("<stdin>")

_FORMATS: Final = {
    f".{name}": RdfFormat.from_extension(name) or RdfFormat.RDF_XML
    for name in ("jsonld", "n3", "nq", "nt", "owl", "rdf", "trig", "ttl", "xml")
}
RDF_ENDINGS: Final = frozenset(_FORMATS)
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
            declared = _load(store, file, rename=len(files) > 1)
        except InputError as error:
            faults.append(error)
        else:
            if prefixes is not None:
                prefixes.update({**declared, **prefixes})
    if faults:
        raise InputError(
            "\n".join([faults[0].message, *map(str, faults[1:])]), place=faults[0].place
        )
    return store


def _load(store: Store, file: Path, *, rename: bool) -> dict[str, str]:
    """Read one RDF file into a store, and return the prefixes that it declares."""
    is_stdin = str(file) == "-"
    path = _STDIN if is_stdin else file
    syntax = RdfFormat.TRIG if is_stdin else _FORMATS.get(file.suffix.lower())
    if file.is_dir():
        raise InputError("is a folder; name the files in it", place=Place(path))
    if syntax is None:
        message = f"unknown file ending; known are {', '.join(_FORMATS)}"
        raise InputError(message, place=Place(path))
    base = None if is_stdin else file.resolve().as_uri()
    try:
        with nullcontext(sys.stdin.buffer) if is_stdin else file.open("rb") as stream:
            quads = parse(stream, format=syntax, base_iri=base, rename_blank_nodes=rename)
            store.extend(quads)
    except SyntaxError as error:
        place = Place(path, error.lineno, error.offset)
        message = f"not well formed: {_PARSER_AT.sub('', error.msg)}"
        raise InputError(message, place=place) from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", place=Place(path)) from error
    except ValueError as error:
        raise InputError(f"not well formed: {error}", place=Place(path)) from error
    return quads.prefixes
