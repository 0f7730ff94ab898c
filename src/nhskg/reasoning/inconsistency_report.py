"""Contradictions in words: the rule, the triples that clash, and the axioms behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.terms import PREFIXES, RDF
from nhskg.reasoning.rules import Inconsistency
from nhskg.reasoning.schema import is_axiom

_FIRST: Final = ox.NamedNode(RDF + "first")
_REST: Final = ox.NamedNode(RDF + "rest")
_TYPE: Final = ox.NamedNode(RDF + "type")


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
        self._descriptions: dict[object, list[ox.Triple]] = defaultdict(list)
        for quad in given:
            if isinstance(quad.subject, ox.BlankNode) and is_axiom(quad):
                self._descriptions[quad.subject].append(quad.triple)

    def line(self, clash: Inconsistency) -> str:
        """Return an inconsistency as one line."""
        if not clash.triples:
            text = clash.rule
        else:
            text = f"{clash.rule}: these cannot all be true: {self._joined(clash.triples)}"
        # the axioms of an expression are written where it is
        axioms = [a for a in clash.axioms if a.subject not in self._descriptions] or clash.axioms
        return f"{text}; by {self._joined(axioms)}" if axioms else text

    def _joined(self, triples: Iterable[ox.Triple]) -> str:
        return " . ".join(
            " ".join(self._term(node, ()) for node in triple) for triple in dict.fromkeys(triples)
        )

    def _term(self, term: object, within: tuple[object, ...]) -> str:
        if isinstance(term, ox.BlankNode) and term in self._descriptions and term not in within:
            return self._expression(term, (*within, term))
        if isinstance(term, ox.NamedNode):
            return self._short(term)
        if isinstance(term, ox.Literal) and '"^^' in str(term):
            return f"{str(term).rsplit('^^', 1)[0]}^^{self._short(term.datatype)}"
        return str(term)

    def _expression(self, node: ox.BlankNode, within: tuple[object, ...]) -> str:
        described = self._descriptions[node]
        if any(triple.predicate == _FIRST for triple in described):
            return f"({' '.join(self._items(node, within))})"
        parts = sorted(
            f"{'a' if t.predicate == _TYPE else self._short(t.predicate)} "
            f"{self._term(t.object, within)}"
            for t in described
            if not (t.predicate == _TYPE and len(described) > 1)
        )
        return f"[ {' ; '.join(parts)} ]"

    def _items(self, node: object, within: tuple[object, ...]) -> Iterable[str]:
        seen: set[object] = set()
        while node in self._descriptions and node not in seen:
            seen.add(node)
            values = {t.predicate: t.object for t in self._descriptions[node]}
            if _FIRST in values:
                yield self._term(values[_FIRST], within)
            node = values.get(_REST)

    def _short(self, iri: ox.NamedNode) -> str:
        for prefix, namespace in self._prefixes:
            rest = iri.value.removeprefix(namespace)
            if rest and rest != iri.value and not {"/", "#"} & set(rest):
                return f"{prefix}:{rest}"
        return str(iri)
