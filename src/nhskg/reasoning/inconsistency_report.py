"""Contradictions in words: the rule, the triples that clash, and the axioms behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from nhskg.rdf.terms import PREFIXES, RDF_TYPE
from nhskg.reasoning.rules import Inconsistency
from nhskg.reasoning.schema import Schema


class InconsistencyWriter:
    """Writes contradictions in some data.

    Args:
        given: the data; class expressions and lists are written as they are there.
        prefixes: those to shorten IRIs with, from prefix to namespace; the usual ones are known.
    """

    def __init__(self, given: Iterable[ox.Quad], prefixes: Mapping[str, str]) -> None:
        known = {**PREFIXES, **prefixes}
        longest = sorted(known.items(), key=lambda item: (-len(item[1]), item[0]))
        self._prefixes = [(prefix, namespace) for prefix, namespace in longest if namespace]
        self._schema = Schema(given)

    def line(self, clash: Inconsistency) -> str:
        """Return an inconsistency as one line."""
        if not clash.triples:
            text = clash.rule
        else:
            text = f"{clash.rule}: these cannot all be true: {self._joined(clash.triples)}"
        # the axioms of an expression are written where it is
        axioms = [a for a in clash.axioms if not self._is_described(a.subject)] or clash.axioms
        return f"{text}; by {self._joined(axioms)}" if axioms else text

    def _is_described(self, node: object) -> bool:
        return isinstance(node, ox.BlankNode) and bool(self._schema.about(node))

    def _joined(self, triples: Iterable[ox.Triple]) -> str:
        return " . ".join(
            " ".join(self._term(node, ()) for node in triple) for triple in dict.fromkeys(triples)
        )

    def _term(self, term: object, within: tuple[object, ...]) -> str:
        if isinstance(term, ox.BlankNode) and self._is_described(term) and term not in within:
            return self._expression(term, (*within, term))
        if isinstance(term, ox.NamedNode):
            return self._short(term.value)
        if isinstance(term, ox.Literal) and '"^^' in str(term):
            return f"{str(term).rsplit('^^', 1)[0]}^^{self._short(term.datatype.value)}"
        return str(term)

    def _expression(self, node: ox.BlankNode, within: tuple[object, ...]) -> str:
        if items := self._schema.items(node):
            return f"({' '.join(self._term(item, within) for item in items)})"
        described = self._schema.about(node)
        parts = sorted(
            f"{'a' if predicate == RDF_TYPE else self._short(predicate)} "
            f"{self._term(value, within)}"
            for predicate, value in described
            if predicate != RDF_TYPE or len(described) == 1
        )
        return f"[ {' ; '.join(parts)} ]"

    def _short(self, iri: str) -> str:
        for prefix, namespace in self._prefixes:
            rest = iri.removeprefix(namespace)
            if rest and rest != iri and not {"/", "#"} & set(rest):
                return f"{prefix}:{rest}"
        return f"<{iri}>"
