"""Claims behind derived triples, by their proofs, and findings of OWL inconsistencies.

A derived triple has no line of its own. The claims behind it are those of its shortest proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final

import pyoxigraph as ox

from nhskg.explain.explaining import Claim, Explainer
from nhskg.rdf.errors import NhskgError, Place
from nhskg.rdf.terms import NS, shorten_iri
from nhskg.reasoning.rules import Inconsistency, RuleText
from nhskg.shacl.findings import Finding, Locate, Severity

_MOST: Final = 200
"""For how many triples of a run a proof is looked for; one wrong axiom can break thousands."""


class SupportingClaims:
    """Finds the claims of the shortest proof of a triple, in the order of the proof.

    The rules are those by which the store's derived graph was derived.
    """

    def __init__(self, store: ox.Store, rules: Sequence[RuleText]) -> None:
        self.explainer = Explainer(store, rules)
        self._known: dict[ox.Triple, tuple[str, ...]] = {}

    def claims(self, triple: ox.Triple) -> list[Claim]:
        """Return the claims, none where there is no proof; errors are those of its explainer."""
        proof = self.explainer.finder.shortest(triple)
        return self.explainer.evidence.claims(proof.leaves()) if proof else []

    def __call__(self, triple: ox.Triple) -> tuple[str, ...]:
        """Return the IRIs of the claims; none where there is no proof, or after too many."""
        if triple not in self._known and len(self._known) < _MOST:
            self._known[triple] = ()
            with suppress(NhskgError):  # without it the thing itself is where to look
                self._known[triple] = tuple(claim.iri for claim in self.claims(triple))
        return self._known.get(triple, ())


def clash_findings(
    clashes: Iterable[Inconsistency], supporting: SupportingClaims, locate: Locate
) -> Iterator[Finding]:
    """Yield a violation for each inconsistency.

    It is located at the triples that clash and at the quotes of the claims that they rest on; a
    derived triple with claims behind it has no line of its own.

    Errors are those of :class:`Explainer`.
    """
    for clash in clashes:
        claims: dict[str, Claim] = {}
        places: list[Place] = []
        for triple in clash.triples:
            found = supporting.claims(triple)
            claims |= {claim.iri: claim for claim in found}
            if not found or supporting.explainer.facts.is_asserted(triple):
                places += locate(*triple)
        sources = []
        for claim in claims.values():
            quotes = locate(ox.NamedNode(claim.iri), ox.NamedNode(NS + "evidence"), None)
            places += quotes
            where = [f"{each.path.name}:{each.line}:{each.column}" for each in quotes]
            where += [", ".join(f"{each.reference} “{each.quote}”" for each in claim.passages)]
            sources.append(f"{shorten_iri(claim.iri)} ({'; '.join(filter(None, where))})")
        triples = [_words(each) for each in clash.triples]
        axioms = [words for each in clash.axioms if (words := _axiom(each, supporting.explainer))]
        message = f"these cannot all be true: {'; '.join(triples) or 'the axioms of the ontology'}"
        message += f"; by the axiom {' and '.join(axioms)}" if axioms else ""
        message += f"; said in {', '.join(sources)}" if sources else ""
        places = list(dict.fromkeys(places))
        yield Finding(
            # prp-rng+dt-not-type is found by way of prp-rng
            rule=f"owl-{clash.rule.rpartition('+')[2]}",
            severity=Severity.VIOLATION,
            message=message,
            repair="correct the claims, or the axiom that forbids it",
            focus=_text(clash.triples[0].subject) if clash.triples else None,
            value=" ; ".join(triples),
            place=places[0] if places else None,
            related=tuple(places[1:]),
        )


def _axiom(axiom: ox.Triple, explainer: Explainer) -> str:
    """Return an axiom as terms, or in words where a part of it has no name."""
    is_named = not any(isinstance(part, ox.BlankNode) for part in axiom)
    return _words(axiom) if is_named else explainer.wording.axiom(axiom)


def _words(triple: ox.Triple) -> str:
    return " ".join(shorten_iri(_text(part)) for part in triple)


def _text(term: object) -> str:
    return str(getattr(term, "value", term))
