"""SPARQL over RDF terms as they are written: by rdflib, where a store keeps values only.

In RDF ``"01"^^xsd:integer`` and ``"1"^^xsd:integer`` are two terms (`RDF 1.1 Concepts, 3.3
<https://www.w3.org/TR/rdf11-concepts/#section-Graph-Literal>`_). A store of pyoxigraph has one
form for each value of a number, boolean, time or duration.
"""

from __future__ import annotations

import logging
import re
import signal
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from nhskg.rdf.errors import Place, QueryError
from nhskg.rdf.terms import PREFIXES, XSD

PATTERN_SECONDS: Final = 5
"""How much processor time Python may take to match one regular expression in one text.

It may need exponentially many steps, and does not say how many; what people write takes less than a
millisecond. The store's engine and that of pyshacl-turbo have bounds of their own.
"""


class SlowPatternError(QueryError):
    """A regular expression takes too long."""

    def __init__(self, pattern: str) -> None:
        message = f"a regular expression takes more than {PATTERN_SECONDS} s on one text"
        super().__init__(f"{message}: '{pattern}'; write it without repeats in repeats")
        self.pattern = pattern


class BoundedPatterns:
    """Python's ``re``, or a compiled pattern of it, in which no call takes for ever."""

    def __init__(self, of: Any = re) -> None:
        self._of = of

    def __getattr__(self, name: str) -> Any:
        """Return a function that ends in time, or a flag."""
        found = getattr(self._of, name)
        if not callable(found):
            return found

        def call(*args: Any) -> Any:
            if threading.current_thread() is not threading.main_thread():
                return found(*args)  # only the main thread can be interrupted

            def stop(*_: object) -> None:
                raise SlowPatternError(getattr(self._of, "pattern", args[0]))

            before = signal.signal(signal.SIGVTALRM, stop)
            signal.setitimer(signal.ITIMER_VIRTUAL, PATTERN_SECONDS)
            try:
                result = found(*args)
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
                signal.signal(signal.SIGVTALRM, before)
            return BoundedPatterns(result) if isinstance(result, re.Pattern) else result

        return call


def confine_rdflib() -> None:
    r"""Let rdflib fetch nothing while it evaluates, and no regular expression take for ever.

    That is: neither SERVICE nor the graphs of FROM. It reads ``\u0053`` as a letter of a keyword,
    which the store's parser does not.
    """
    from rdflib.plugins import sparql  # noqa: PLC0415  # some 120 ms, and for few
    from rdflib.plugins.sparql import evaluate, operators  # noqa: PLC0415

    def refused(*_: object) -> None:
        raise ValueError("SERVICE sends a part of the query to another server")

    sparql.SPARQL_LOAD_GRAPHS = False
    evaluate.evalServiceQuery = refused  # type: ignore[assignment]
    vars(operators)["re"] = BoundedPatterns()


def as_rdflib(term: Any) -> Any:
    """Return a term of rdflib's, as it is written: rdflib would make the year 2013 a day of it."""
    from rdflib import BNode, Literal, URIRef  # noqa: PLC0415

    if not isinstance(term, ox.Literal):
        return (URIRef if isinstance(term, ox.NamedNode) else BNode)(term.value)
    is_text = term.language or term.datatype.value == XSD + "string"
    datatype = None if is_text else URIRef(term.datatype.value)
    return Literal(term.value, lang=term.language, datatype=datatype, normalize=False)


def evaluate_exactly(
    quads: Iterable[ox.Quad],
    query: str,
    *,
    base: str | None = None,
    columns: Iterable[ox.Variable] = (),
    source: Path | None = None,
) -> ox.QuerySolutions | ox.QueryBoolean | list[ox.Triple]:
    """Evaluate a query over the union of the graphs of some quads, each term as it is written.

    The query has been parsed by the store already, and has no SERVICE. ``columns`` are its
    variables in order, as rdflib has those of ``SELECT *`` in any; ``source`` is its file.

    Raises:
        QueryError: rdflib cannot evaluate it; or the quads have what RDF 1.1 does not.
    """
    import rdflib  # noqa: PLC0415  # some 120 ms, and for few

    confine_rdflib()
    rdflib.NORMALIZE_LITERALS = False
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)  # of each ill-typed literal
    try:
        dataset = rdflib.Dataset(default_union=True)
        for *triple, graph in quads:  # rdflib reads long lines by the square of their length
            named = None if isinstance(graph, ox.DefaultGraph) else as_rdflib(graph)
            dataset.add((*map(as_rdflib, triple), named))
        result: Any = dataset.query(query, initNs=PREFIXES, base=base)
        if result.type in ("SELECT", "ASK"):
            result.vars = [rdflib.Variable(each.value) for each in columns] or result.vars
            rows: bytes = result.serialize(format="json")
            return ox.parse_query_results(rows, ox.QueryResultsFormat.JSON)
        triples: bytes = result.graph.serialize(format="nt", encoding="utf-8")
        return [each.triple for each in ox.parse(triples, format=ox.RdfFormat.N_TRIPLES)]
    except Exception as error:  # rdflib lets errors of any kind through
        reason = " ".join(str(error).split()) or type(error).__name__
        problem = "the query cannot be evaluated with --exact"
        place = None if source is None else Place(source)
        raise QueryError(f"{problem}: {reason}", place=place) from error
