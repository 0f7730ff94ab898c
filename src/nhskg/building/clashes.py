"""Inconsistencies as findings: the rule, what clashes, by which axiom, and who says so where.

What clashes is mostly derived, and then stands nowhere by itself. The claims behind it are those of
its proof; the one with the fewest steps will do, since to mend any of them is to look at one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from nhskg.explain.explaining import Explainer
from nhskg.queries.claims import Claim
from nhskg.rdf.errors import Place
from nhskg.rdf.sparql.algebra import Inconsistency
from nhskg.rdf.terms import shorten_iri
from nhskg.reasoning.domain import RuleText
from nhskg.shacl.findings import Behind, Finding, Locate, from_inconsistency

__all__ = ["clash_findings"]


def clash_findings(
    clashes: Iterable[Inconsistency], store: ox.Store, rules: Sequence[RuleText], locate: Locate
) -> Iterator[Finding]:
    """Yield a finding for each inconsistency.

    Args:
        clashes: what the rules that end in false found.
        store: the graph, with what is derived.
        rules: the project's CONSTRUCT rules, by which it was derived.
        locate: from a focus to its places.

    Raises:
        ProgramError: the rules make no program.
        StoreError: the store cannot be asked.
    """
    explainer = Explainer(store, rules)
    for clash in clashes:
        claims: dict[str, Claim] = {}
        traced: set[tuple[str, ...]] = set()
        for triple in clash.triples:
            found = _claims(triple, explainer)
            claims |= {claim.iri: claim for claim in found}
            if found and not explainer.facts.is_asserted(triple):
                traced.add(tuple(str(getattr(each, "value", each)) for each in triple))

        def own(
            focus: str, predicate: str | None = None, value: str | None = None
        ) -> tuple[Place, ...]:
            hidden = (focus, predicate, value) in traced  # noqa: B023
            return () if hidden else locate(focus, predicate, value)

        behind = [Behind(each.iri, _passages(each)) for each in claims.values()]
        axioms = [words for axiom in clash.axioms if (words := _axiom(axiom, explainer))]
        yield from_inconsistency(
            clash.rule, clash.triples, own, axioms=axioms, behind=behind, evidence=locate
        )


def _claims(triple: ox.Triple, explainer: Explainer) -> list[Claim]:
    """Return the claims that assert a triple, or that its shortest proof rests on."""
    proof = explainer.finder.shortest(triple)
    leaves = explainer.evidence.leaves(proof.leaves()) if proof is not None else []
    return [leaf.claim for leaf in leaves if leaf.claim is not None]


def _passages(claim: Claim) -> str:
    return ", ".join(f"{p.document}:{p.start}-{p.end} “{p.quote}”" for p in claim.passages)


def _axiom(axiom: ox.Triple, explainer: Explainer) -> str:
    """Return an axiom as terms, or in words where a part of it has no name."""
    ends = (axiom.subject, axiom.object)
    if any(isinstance(end, ox.BlankNode) for end in ends):
        return explainer.wording.axiom(axiom)
    parts = (axiom.subject, axiom.predicate, axiom.object)
    return " ".join(shorten_iri(str(getattr(part, "value", part))) for part in parts)
