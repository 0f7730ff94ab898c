"""Evaluate SPARQL queries over a store or RDF files; a faulty query gives one clear line.

The parser is the store's; a text is only cut into tokens here, so that a keyword is distinguished
from the same letters in a string, a name or a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, Store

from nhskg.rdf.contexts import Contexts
from nhskg.rdf.errors import InputError, Place, QueryError
from nhskg.rdf.escaping import BREAK
from nhskg.rdf.files import read_text
from nhskg.rdf.lines import RdfFile, RdfParser
from nhskg.rdf.sparql.bounds import beyond_bounds
from nhskg.rdf.sparql.parser import tokens
from nhskg.rdf.sparql.service import find_service, noticed
from nhskg.rdf.terms import PREFIXES, XSD

StoreResult = QuerySolutions | QueryTriples | QueryBoolean
Result = StoreResult | list[ox.Triple]

Row = dict[str, str]
"""One solution: from a variable to its value (an IRI or a literal's text; empty if unbound)."""

_VALUES: Final = frozenset(
    XSD + name
    for name in """boolean byte date dateTime dateTimeStamp dayTimeDuration decimal double duration
    float gDay gMonth gMonthDay gYear gYearMonth int integer long negativeInteger
    nonNegativeInteger nonPositiveInteger positiveInteger short time unsignedByte unsignedInt
    unsignedLong unsignedShort yearMonthDuration""".split()
)
"""The datatypes of which a store keeps the value."""
_UPDATES: Final = "ADD CLEAR COPY CREATE DELETE DROP INSERT LOAD MOVE WITH".split()
_PROLOGUE: Final = re.compile(
    r"(?:\s+|#[^\r\n]*|PREFIX\s*[\w.-]*:\s*<[^>]*>|BASE\s*<[^>]*>)*", re.IGNORECASE
)
_FROM: Final = re.compile(r"(?<![?$:\w])FROM\b", re.IGNORECASE)


def evaluate(
    store: Store, query: str, *, source: Path | None = None, allow_service: bool = False
) -> StoreResult:
    """Evaluate a SPARQL 1.1 query over the union of all graphs of a store.

    A query with a dataset of its own (``FROM``, ``FROM NAMED``) is evaluated over that (SPARQL 1.1
    Query Language, 13.2): with ``FROM NAMED`` only, its default graph is empty. The prefixes of
    :data:`nhskg.rdf.terms.PREFIXES` need not be declared. The base IRI is the address of the
    query's file, else of the current folder. SERVICE, which sends a part of the query to another
    server, is refused unless it is allowed.

    Raises:
        QueryError: the query cannot be parsed or evaluated, or has a SERVICE that is not allowed;
            with its file, line and column.
    """
    if beyond := beyond_bounds(query):
        raise QueryError(f"has {beyond[0]}", place=_place(query, beyond[1], source))
    if not allow_service:
        _refuse_service(query, source)
    words = tokens(query) if _FROM.search(query) else ()
    union = not any(each.kind == "word" and each.upper == "FROM" for each in words)
    how: Any = {"prefixes": PREFIXES, "base_iri": base_iri(source)}
    with evaluating():
        try:
            return store.query(query, use_default_graph_as_union=union, **how)
        except SyntaxError as error:
            raise _query_error(error, query, source) from error


def base_iri(source: Path | None) -> str:
    """Return the address of a query's file, else of the current folder (RFC 3986, 5.1)."""
    return source.resolve().as_uri() if source else f"{Path.cwd().as_uri()}/"


def _refuse_service(query: str, source: Path | None) -> None:
    """Raise QueryError where SERVICE is a keyword, and not part of a name, a text or a comment."""
    try:
        start = find_service(query, prefixes=PREFIXES, base_iri=base_iri(source))
    except SyntaxError as error:
        raise _query_error(error, query, source) from error
    if start is not None:
        message = "SERVICE sends a part of the query to another server; --allow-service allows it"
        raise QueryError(message, place=_place(query, start, source))


def limit_rows(result: Result, most: int) -> tuple[Result, bool]:
    """Return a result with so many rows or triples at most, and whether there were more.

    What is beyond that is not evaluated.

    Raises:
        QueryError: the result cannot be read as far as that.
    """
    if isinstance(result, QueryBoolean):
        return result, False
    with evaluating():
        found: list[Any] = list(islice(result, most + 1))
    is_cut, found = len(found) > most, found[:most]
    if not isinstance(result, QuerySolutions):
        return found, is_cut
    rows = [result.variables, *found]
    lines = ("\t".join(map(_in_tsv, row)) + "\n" for row in rows)
    kept: Any = ox.parse_query_results("".join(lines), ox.QueryResultsFormat.TSV)
    return kept, is_cut


def _in_tsv(term: object) -> str:
    """Return a term, or nothing for none, in the TSV of SPARQL 1.1."""
    shown = f"<<( {term} )>>" if isinstance(term, ox.Triple) else str(term)
    return "" if term is None else shown


@contextmanager
def evaluating() -> Iterator[None]:
    """Raise QueryError where a result cannot be read to its end, as a SERVICE does not answer."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        message = f"the query cannot be evaluated: {' '.join(str(error).split())}"
        raise QueryError(message) from error


def select(
    store: Store, query: str, *, source: Path | None = None, allow_service: bool = False
) -> list[Row]:
    """Return the solutions of a query as plain values; QueryError if it is faulty, or no SELECT."""
    result = evaluate(store, query, source=source, allow_service=allow_service)
    if not isinstance(result, QuerySolutions):
        place = Place(source) if source else None
        raise QueryError("a SELECT query is expected here", place=place)
    names = [variable.value for variable in result.variables]
    with evaluating():
        return [{n: str(getattr(row[n], "value", row[n] or "")) for n in names} for row in result]


def _query_error(error: SyntaxError, query: str, source: Path | None) -> QueryError:
    if (at := noticed(error, query)) < 0:
        return QueryError(f"not a SPARQL query: {error}", place=Place(source) if source else None)
    told = str(error).partition("error at ")[2].partition(": ")[2]
    fault, start = _explained_fault(query, at) or (" ".join(told.split()), at)
    fault = fault if len(fault) <= 160 else fault[:157] + "..."
    return QueryError(f"not a SPARQL query: {fault}", place=_place(query, start, source))


def _place(query: str, start: int, source: Path | None) -> Place:
    """Return where a place in a query is; of a stored query, in its file or a part of it.

    Where no file has the line, as it was made from the header, there is the file alone.
    """
    before = query[:start].split("\n")
    number, column = len(before), len(before[-1]) + 1
    if source is None:
        return Place(Path("query"), number, column)
    told = query.split("\n")[number - 1]
    for file in (source, *sorted(source.parent.glob("parts/*.rq"))):
        lines = read_text(file).split("\n")
        if lines[number - 1 : number] == [told]:  # the query is the file
            return Place(file, number, column)
        if told in lines:
            return Place(file, lines.index(told) + 1, column)
    return Place(source)


def _explained_fault(query: str, stop: int) -> tuple[str, int] | None:
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
        if each.end > stop or each.text in ("'", '"'):
            break  # behind a quote mark that nothing closes, words are no names
        prefix = each.text.partition(":")[0]
        is_unknown = each.kind == "pname" and prefix not in known
        if is_unknown and not re.search(r"<[^\s>]*\Z", query[: each.start]):  # in a broken IRI
            fault = f"unknown prefix '{prefix}:'; declare it with PREFIX {prefix}: <IRI>"
            return fault, each.start
    return None


def read_quads(files: Sequence[Path], *, contexts: Contexts | None = None) -> Iterator[ox.Quad]:
    """Yield the quads of RDF files, each by its file ending; ``-`` is TriG on standard input.

    Raises:
        InputError: at the end, where a file is missing, of an unknown format, or not well formed;
            names all of them.
    """
    faults: list[InputError] = []
    for file in files:
        try:
            yield from RdfParser.open(file, rename=len(files) > 1, contexts=contexts)
        except InputError as error:
            faults.append(error)
    _raise_all(faults)


def read_files(files: Sequence[Path], *, contexts: Contexts | None = None) -> list[RdfFile]:
    """Read RDF files whole, their blank nodes with the labels of the files.

    Raises:
        InputError: as of :func:`read_quads`.
    """
    found: list[RdfFile] = []
    faults: list[InputError] = []
    for file in files:
        try:
            found.append(RdfParser.open(file, rename=False, contexts=contexts).read())
        except InputError as error:
            faults.append(error)
    _raise_all(faults)
    return found


def _raise_all(faults: Sequence[InputError]) -> None:
    if faults:
        message = BREAK.join([faults[0].message, *map(str, faults[1:])])
        raise InputError(message, place=faults[0].place)


def load_data(
    files: Sequence[Path],
    *,
    contexts: Contexts | None = None,
    changed: dict[ox.Literal, ox.Literal] | None = None,
) -> Store:
    """Read RDF files into a store in memory; see :func:`read_quads`.

    The store keeps numbers, booleans, times and durations by their value. The literals that it
    changes are entered in ``changed``, each with what it becomes.
    """
    store = Store()
    quads = read_quads(files, contexts=contexts)
    store.extend(quads if changed is None else _noting(quads, changed))
    return store


def _noting(quads: Iterable[ox.Quad], changed: dict[ox.Literal, ox.Literal]) -> Iterable[ox.Quad]:
    """Yield each quad; then enter the literals that a store changes, with what it makes of them."""
    literals: set[ox.Literal] = set()
    for quad in quads:
        if isinstance(quad.object, ox.Literal) and quad.object.datatype.value in _VALUES:
            literals.add(quad.object)
        yield quad
    subject, store = ox.NamedNode("urn:s"), ox.Store()
    for literal in literals:
        store.add(ox.Quad(subject, subject, literal))
        (kept,) = store
        if kept.object != literal:
            changed[literal] = kept.object
        store.remove(kept)
