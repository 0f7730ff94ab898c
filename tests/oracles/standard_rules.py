"""The OWL 2 RL/RDF rules as the standard states them, for the proof checker.

From OWL 2 Profiles, section 4.3, tables 4 to 9: each as (conclusion, condition) in SPARQL over
data and axioms together. Rules over a list of any length say "no member fails". The tables are
a second copy on purpose: the checker must not depend on the compiler of the axioms.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from nhskg.rdf.terms import OWL, RDF, RDFS

__all__ = ["construct_texts"]

_PREFIXES: Final = f"PREFIX owl: <{OWL}> PREFIX rdf: <{RDF}> PREFIX rdfs: <{RDFS}>\n"
_MEMBER: Final = "rdf:rest*/rdf:first"

_RULES: Final[dict[str, tuple[str, str]]] = {
    # table 4
    "eq-sym": ("?y owl:sameAs ?x", "?x owl:sameAs ?y"),
    "eq-trans": ("?x owl:sameAs ?z", "?x owl:sameAs ?y . ?y owl:sameAs ?z"),
    "eq-rep-s": ("?s2 ?p ?o", "?s owl:sameAs ?s2 . ?s ?p ?o"),
    "eq-rep-p": ("?s ?p2 ?o", "?p owl:sameAs ?p2 . ?s ?p ?o"),
    "eq-rep-o": ("?s ?p ?o2", "?o owl:sameAs ?o2 . ?s ?p ?o"),
    # table 5
    "prp-dom": ("?x a ?c", "?p rdfs:domain ?c . ?x ?p ?y"),
    "prp-rng": ("?y a ?c", "?p rdfs:range ?c . ?x ?p ?y"),
    "prp-fp": ("?y1 owl:sameAs ?y2", "?p a owl:FunctionalProperty . ?x ?p ?y1 . ?x ?p ?y2"),
    "prp-ifp": (
        "?x1 owl:sameAs ?x2",
        "?p a owl:InverseFunctionalProperty . ?x1 ?p ?y . ?x2 ?p ?y",
    ),
    "prp-symp": ("?y ?p ?x", "?p a owl:SymmetricProperty . ?x ?p ?y"),
    "prp-trp": ("?x ?p ?z", "?p a owl:TransitiveProperty . ?x ?p ?y . ?y ?p ?z"),
    "prp-spo1": ("?x ?p2 ?y", "?p1 rdfs:subPropertyOf ?p2 . ?x ?p1 ?y"),
    "prp-eqp1": ("?x ?p2 ?y", "?p1 owl:equivalentProperty ?p2 . ?x ?p1 ?y"),
    "prp-eqp2": ("?x ?p1 ?y", "?p1 owl:equivalentProperty ?p2 . ?x ?p2 ?y"),
    "prp-inv1": ("?y ?p2 ?x", "?p1 owl:inverseOf ?p2 . ?x ?p1 ?y"),
    "prp-inv2": ("?y ?p1 ?x", "?p1 owl:inverseOf ?p2 . ?x ?p2 ?y"),
    "prp-key": (
        "?x owl:sameAs ?y",
        (
            "?c owl:hasKey ?keys . ?keys rdf:first ?one . ?x a ?c . ?y a ?c . FILTER NOT EXISTS { "
            f"?keys {_MEMBER} ?p . FILTER NOT EXISTS {{ ?x ?p ?v . ?y ?p ?v }} }}"
        ),
    ),
    # table 6
    "cls-int1": (
        "?y a ?c",
        (
            "?c owl:intersectionOf ?list . ?list rdf:first ?one . ?y a ?one . FILTER NOT EXISTS { "
            f"?list {_MEMBER} ?part . FILTER NOT EXISTS {{ ?y a ?part }} }}"
        ),
    ),
    "cls-int2": ("?y a ?part", f"?c owl:intersectionOf/{_MEMBER} ?part . ?y a ?c"),
    "cls-uni": ("?y a ?c", f"?c owl:unionOf/{_MEMBER} ?part . ?y a ?part"),
    "cls-svf1": (
        "?u a ?x",
        "?x owl:someValuesFrom ?y ; owl:onProperty ?p . ?u ?p ?v . ?v a ?y",
    ),
    "cls-svf2": (
        "?u a ?x",
        "?x owl:someValuesFrom owl:Thing ; owl:onProperty ?p . ?u ?p ?v",
    ),
    "cls-avf": (
        "?v a ?y",
        "?x owl:allValuesFrom ?y ; owl:onProperty ?p . ?u a ?x . ?u ?p ?v",
    ),
    "cls-hv1": ("?u ?p ?y", "?x owl:hasValue ?y ; owl:onProperty ?p . ?u a ?x"),
    "cls-hv2": ("?u a ?x", "?x owl:hasValue ?y ; owl:onProperty ?p . ?u ?p ?y"),
    "cls-maxc2": (
        "?y1 owl:sameAs ?y2",
        (
            "?x owl:maxCardinality ?one ; owl:onProperty ?p . FILTER(?one = 1) "
            "?u a ?x . ?u ?p ?y1 . ?u ?p ?y2"
        ),
    ),
    "cls-maxqc3": (
        "?y1 owl:sameAs ?y2",
        (
            "?x owl:maxQualifiedCardinality ?one ; owl:onProperty ?p ; owl:onClass ?c . "
            "FILTER(?one = 1) ?u a ?x . ?u ?p ?y1 . ?y1 a ?c . ?u ?p ?y2 . ?y2 a ?c"
        ),
    ),
    "cls-maxqc4": (
        "?y1 owl:sameAs ?y2",
        (
            "?x owl:maxQualifiedCardinality ?one ; owl:onProperty ?p ; owl:onClass owl:Thing . "
            "FILTER(?one = 1) ?u a ?x . ?u ?p ?y1 . ?u ?p ?y2"
        ),
    ),
    "cls-oo": ("?y a ?c", f"?c owl:oneOf/{_MEMBER} ?y"),
    # table 7
    "cax-sco": ("?x a ?c2", "?c1 rdfs:subClassOf ?c2 . ?x a ?c1"),
    "cax-eqc1": ("?x a ?c2", "?c1 owl:equivalentClass ?c2 . ?x a ?c1"),
    "cax-eqc2": ("?x a ?c1", "?c1 owl:equivalentClass ?c2 . ?x a ?c2"),
    # table 9
    "scm-cls": ("?c rdfs:subClassOf owl:Thing", "?c a owl:Class"),
    "scm-sco": ("?a rdfs:subClassOf ?c", "?a rdfs:subClassOf ?b . ?b rdfs:subClassOf ?c"),
    "scm-eqc1": (
        "?a rdfs:subClassOf ?b . ?b rdfs:subClassOf ?a",
        "?a owl:equivalentClass ?b",
    ),
    "scm-eqc2": (
        "?a owl:equivalentClass ?b",
        "?a rdfs:subClassOf ?b . ?b rdfs:subClassOf ?a",
    ),
    "scm-spo": (
        "?a rdfs:subPropertyOf ?c",
        "?a rdfs:subPropertyOf ?b . ?b rdfs:subPropertyOf ?c",
    ),
    "scm-eqp1": (
        "?a rdfs:subPropertyOf ?b . ?b rdfs:subPropertyOf ?a",
        "?a owl:equivalentProperty ?b",
    ),
    "scm-eqp2": (
        "?a owl:equivalentProperty ?b",
        "?a rdfs:subPropertyOf ?b . ?b rdfs:subPropertyOf ?a",
    ),
    "scm-dom1": ("?p rdfs:domain ?c2", "?p rdfs:domain ?c1 . ?c1 rdfs:subClassOf ?c2"),
    "scm-dom2": ("?p1 rdfs:domain ?c", "?p2 rdfs:domain ?c . ?p1 rdfs:subPropertyOf ?p2"),
    "scm-rng1": ("?p rdfs:range ?c2", "?p rdfs:range ?c1 . ?c1 rdfs:subClassOf ?c2"),
    "scm-rng2": ("?p1 rdfs:range ?c", "?p2 rdfs:range ?c . ?p1 rdfs:subPropertyOf ?p2"),
    "scm-hv": (
        "?c1 rdfs:subClassOf ?c2",
        (
            "?c1 owl:hasValue ?i ; owl:onProperty ?p1 . ?c2 owl:hasValue ?i ; owl:onProperty ?p2 . "
            "?p1 rdfs:subPropertyOf ?p2"
        ),
    ),
    "scm-svf1": (
        "?c1 rdfs:subClassOf ?c2",
        (
            "?c1 owl:someValuesFrom ?y1 ; owl:onProperty ?p . "
            "?c2 owl:someValuesFrom ?y2 ; owl:onProperty ?p . ?y1 rdfs:subClassOf ?y2"
        ),
    ),
    "scm-svf2": (
        "?c1 rdfs:subClassOf ?c2",
        (
            "?c1 owl:someValuesFrom ?y ; owl:onProperty ?p1 . "
            "?c2 owl:someValuesFrom ?y ; owl:onProperty ?p2 . ?p1 rdfs:subPropertyOf ?p2"
        ),
    ),
    "scm-avf1": (
        "?c1 rdfs:subClassOf ?c2",
        (
            "?c1 owl:allValuesFrom ?y1 ; owl:onProperty ?p . "
            "?c2 owl:allValuesFrom ?y2 ; owl:onProperty ?p . ?y1 rdfs:subClassOf ?y2"
        ),
    ),
    "scm-avf2": (
        "?c2 rdfs:subClassOf ?c1",
        (
            "?c1 owl:allValuesFrom ?y ; owl:onProperty ?p1 . "
            "?c2 owl:allValuesFrom ?y ; owl:onProperty ?p2 . ?p1 rdfs:subPropertyOf ?p2"
        ),
    ),
    "scm-int": ("?c rdfs:subClassOf ?part", f"?c owl:intersectionOf/{_MEMBER} ?part"),
    "scm-uni": ("?part rdfs:subClassOf ?c", f"?c owl:unionOf/{_MEMBER} ?part"),
}


def construct_texts(names: Iterable[str], chains: Iterable[int]) -> list[str] | None:
    """Return the CONSTRUCT queries of some rules; None if one of them is not in the tables.

    Args:
        names: the standard's names of the rules.
        chains: for prp-spo2, the lengths of the property chains at hand.
    """
    texts = []
    for name in names:
        if name == "prp-spo2":
            texts += [_chain(length) for length in sorted(chains) if length]
        elif name in _RULES:
            texts.append(_construct(*_RULES[name]))
        else:
            return None
    return texts


def _construct(head: str, body: str) -> str:
    return f"{_PREFIXES}CONSTRUCT {{ {head} }} WHERE {{ {body} }}"


def _chain(length: int) -> str:
    """Return prp-spo2 for chains of one length."""
    cells = [f"?l{n} rdf:first ?p{n} ; rdf:rest ?l{n + 1} ." for n in range(length)]
    links = [f"?u{n} ?p{n} ?u{n + 1} ." for n in range(length)]
    end = f"FILTER(?l{length} = rdf:nil)"
    body = " ".join(["?p owl:propertyChainAxiom ?l0 .", *cells, end, *links])
    return _construct(f"?u0 ?p ?u{length}", body)
