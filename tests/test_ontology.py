"""The ontology and its rules: what they derive, case by case, and that they are well made.

A case is a Turtle file under ``rules/`` in the shape that the mapping emits, with what must follow
from it, all of it and nothing else, in its ``#+`` header. The cases are reasoned over together, as
each keeps to names of its own: with owlrl for OWL 2 RL, and with rdflib or pyoxigraph for the rules.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias

import owlrl
import pyoxigraph as ox
import pytest
import yaml
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import OWL, PROV, RDF, RDFS, SKOS
from rdflib.plugins.sparql import prepareQuery
from rdflib.term import Node

ROOT = Path(__file__).resolve().parent.parent
ONTOLOGY = ROOT / "ontology"
CASES = sorted((Path(__file__).parent / "rules").glob("*.ttl"))
NHS = Namespace("https://w3id.org/nhskg/ns#")
BASES = ("Stipulated", "Presupposed", "Inherited", "Tentative", "Conditional")
CONFLICTS = ("HolderConflict", "ExistenceConflict", "RemovalConflict")
ANNOTATIONS = {
    RDFS.isDefinedBy,
    NHS.counterExample,
    *(SKOS[name] for name in "prefLabel altLabel definition notation example scopeNote".split()),
}

Triple: TypeAlias = tuple[Node, Node, Node]
Construct: TypeAlias = Callable[[Graph, str], Iterable[Triple]]


def header(path: Path) -> dict[str, Any]:
    """Return the ``#+`` header of a rule or a case."""
    lines = path.read_text("utf-8").splitlines()
    loaded = yaml.safe_load("\n".join(line[3:] for line in lines if line.startswith("#+")))
    assert isinstance(loaded, dict)
    return loaded


@dataclass(frozen=True)
class Rule:
    """A rule as it stands in its file."""

    path: Path
    text: str
    order: int
    derives: frozenset[str]
    negates: frozenset[str]

    @property
    def stratum(self) -> int:
        """Rules of one ten are run together."""
        return self.order // 10


def read_rule(path: Path) -> Rule:
    told = header(path)
    return Rule(
        path,
        path.read_text("utf-8"),
        told["order"],
        frozenset(told["derives"]),
        frozenset(told["negates"]),
    )


RULES = [read_rule(path) for path in sorted((ONTOLOGY / "rules").glob("*.rq"))]


def load(*paths: Path) -> Graph:
    graph = Graph()
    for path in paths:
        graph.parse(path)
    return graph


def axioms() -> Graph:
    """Return the ontology that is reasoned over, without its words."""
    graph = load(*(path for path in ONTOLOGY.glob("*.ttl") if path.name != "align.ttl"))
    for triple in list(graph):
        if triple[1] in ANNOTATIONS:
            graph.remove(triple)
    return graph


def by_rdflib(graph: Graph, rule: str) -> Iterable[Triple]:
    return list(graph.query(rule))  # type: ignore[arg-type]


def by_pyoxigraph(graph: Graph, rule: str) -> Iterable[Triple]:
    store = ox.Store()
    plain = Graph()
    for s, p, o in graph:
        if not isinstance(s, Literal) and isinstance(p, URIRef):
            plain.add((s, p, o))
    store.load(plain.serialize(format="nt", encoding="utf-8"), format=ox.RdfFormat.N_TRIPLES)
    found = store.query(rule)
    assert isinstance(found, ox.QueryTriples)
    raw = found.serialize(format=ox.RdfFormat.N_TRIPLES)
    assert raw is not None
    return list(Graph().parse(data=raw, format="nt"))


def close(graph: Graph) -> None:
    owlrl.DeductiveClosure(
        owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False
    ).expand(graph)


def reason(data: Graph, construct: Construct) -> Graph:
    """Close under OWL 2 RL, then apply each stratum of rules, closing in between, to a fixpoint."""
    graph = axioms()
    for triple in data:
        graph.add(triple)
    close(graph)
    for _, stratum in groupby(RULES, key=lambda rule: rule.stratum):
        texts = [rule.text for rule in stratum]
        while True:
            found = {triple for text in texts for triple in construct(graph, text)}
            new = [triple for triple in found if triple not in graph]
            if not new:
                break
            for triple in new:
                graph.add(triple)
            close(graph)
    return graph


@pytest.fixture(scope="module")
def derived() -> Graph:
    return reason(load(*CASES), by_rdflib)


# -- what is derived, in words


def name(node: Node | None) -> str:
    """Return the local name without the prefix that keeps the cases apart."""
    return re.sub(r"^s\d\d-", "", str(node).replace("#", "/").rsplit("/", 1)[-1])


def told(graph: Graph, case: str) -> list[str]:
    """Return all that was derived for one case, a line a fact, sorted."""
    lines = [
        *_holdings(graph, case),
        *_conflicts(graph, case),
        *(f"ends {name(s)} | {name(o)}" for s, o in graph.subject_objects(NHS.endsUnder) if case in s),
        *(f"omits {name(s)} {name(o)}" for s, o in graph.subject_objects(NHS.omits) if case in s),
        *(f"disputed {name(s)}" for s in graph.subjects(RDF.type, NHS.DisputedClaim) if case in s),
        *_relations(graph, case),
    ]
    return sorted(lines)


def _holdings(graph: Graph, case: str) -> Iterable[str]:
    shown = {
        NHS.bearerQualifier: "qualifier",
        NHS.cohort: "cohort",
        NHS.deontic: "deontic",
        NHS.displacedBy: "displaced-by",
        NHS.effectiveWhen: "gate",
        NHS.heldUntil: "until",
        NHS.quantity: "quantity",
        NHS.reducedBy: "reduced-by",
        NHS.subjectTo: "subject-to",
    }
    for holding in set(graph.subjects(NHS.holder)):
        if f"/holding/{case}" not in holding:
            continue
        types = {name(each) for each in graph.objects(holding, RDF.type)}
        bases = " ".join(
            each.lower()
            for each in ("Presupposed", "Stipulated", "Conditional", "Inherited", "Tentative")
            if f"{each}Holding" in types
        )
        assert bases, holding
        limits = sorted(
            f"{word}={name(value)}"
            for predicate, word in shown.items()
            for value in graph.objects(holding, predicate)
        )
        where = re.sub(r"s\d\d-", "", str(holding).rsplit("/", 1)[-1]).replace(".", " ")
        yield " | ".join([where, bases, *([" ".join(limits)] if limits else [])])


def _conflicts(graph: Graph, case: str) -> Iterable[str]:
    for kind in CONFLICTS:
        for conflict in graph.subjects(RDF.type, NHS[kind]):
            if f"/conflict/{case}" not in conflict:
                continue
            parts = [
                sorted(name(o) for o in graph.objects(conflict, NHS[predicate]))
                for predicate in ("underPlan", "power", "matter", "target")
            ]
            about = " ".join(each for part in parts[1:] for each in part)
            yield f"conflict {kind} {' '.join(parts[0])} | {about}"


def _relations(graph: Graph, case: str) -> Iterable[str]:
    for predicate in graph.subjects(RDF.type, NHS.RelationPredicate):
        for s, o in graph.subject_objects(predicate):
            if case in s:
                yield f"triple {name(s)} {name(predicate)} {name(o)}"
    for denial in graph.subjects(RDF.type, OWL.NegativePropertyAssertion):
        if case in denial:
            slots = (OWL.sourceIndividual, OWL.assertionProperty, OWL.targetIndividual)
            yield "denied " + " ".join(name(graph.value(denial, slot)) for slot in slots)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, derived: Graph) -> None:
    """All that the header expects follows, and nothing else."""
    case = f"s{path.stem[:2]}"
    expected = sorted((header(path)["expect"] or "").splitlines())
    entailed = [] if path.stem[:2] != "30" else ["triple one buildsOn two"]
    assert told(derived, case) == sorted(expected + entailed)
