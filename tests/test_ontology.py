"""The ontology and its rules: what they derive, case by case, and that they are well made.

A case is a Turtle file under ``rules/`` in the shape that the mapping emits, with what must follow
from it, all of it and nothing else, in its ``#+`` header. The cases are reasoned over together, as
each keeps to names of its own: with owlrl for OWL 2 RL, and with rdflib or pyoxigraph for the rules.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
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


def by_rdflib(graph: Graph, rules: Iterable[str]) -> set[Triple]:
    return {triple for rule in rules for triple in graph.query(rule)}  # type: ignore[misc]


def by_pyoxigraph(graph: Graph, rules: Iterable[str]) -> set[Triple]:
    plain = Graph()
    for s, p, o in graph:
        if not isinstance(s, Literal):  # owlrl derives some that RDF does not allow
            plain.add((s, p, o))
    store = ox.Store()
    store.load(plain.serialize(format="nt", encoding="utf-8"), format=ox.RdfFormat.N_TRIPLES)
    found: set[Triple] = set()
    for rule in rules:
        raw = store.query(rule).serialize(format=ox.RdfFormat.N_TRIPLES)  # type: ignore[union-attr]
        found |= set(Graph().parse(data=raw or b"", format="nt"))
    return found


def close(graph: Graph) -> None:
    owlrl.DeductiveClosure(
        owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False
    ).expand(graph)


def lift(graph: Graph, new: Iterable[Triple]) -> None:
    """Add triples with their types' superclasses, and mirrored if their predicate is symmetric."""
    for s, p, o in new:
        graph.add((s, p, o))
        if p == RDF.type:
            for broader in graph.objects(o, RDFS.subClassOf):
                graph.add((s, p, broader))
        elif (p, RDF.type, OWL.SymmetricProperty) in graph:
            graph.add((o, p, s))


@dataclass(frozen=True)
class Reasoned:
    """A closed graph, and the triples that the rules have put in it."""

    graph: Graph
    by_rules: frozenset[Triple]


def reason(data: Graph) -> Reasoned:
    """Close under OWL 2 RL, apply the rules stratum by stratum, and close again.

    Between rules only what they read of OWL is added (:func:`lift`), as owlrl is slow;
    :func:`test_rules_are_at_a_fixpoint` shows that no more was needed.
    """
    graph = axioms()
    for triple in data:
        graph.add(triple)
    close(graph)
    by_rules: set[Triple] = set()
    for _, stratum in groupby(RULES, key=lambda rule: rule.stratum):
        texts = [rule.text for rule in stratum]
        while True:
            found = by_pyoxigraph(graph, texts)
            new = found - by_rules
            by_rules |= new
            if not new:
                break
            lift(graph, new)
    close(graph)
    return Reasoned(graph, frozenset(by_rules))


@pytest.fixture(scope="module")
def reasoned() -> Reasoned:
    return reason(load(*CASES))


# -- what is derived, in words


def name(node: Node | None) -> str:
    """Return the local name without the prefix that keeps the cases apart."""
    return re.sub(r"^s\d\d-", "", str(node).replace("#", "/").rsplit("/", 1)[-1])


def told(graph: Graph, case: str) -> list[str]:
    """Return all that was derived for one case, a line a fact, sorted."""
    lines = [
        *_holdings(graph, case),
        *_conflicts(graph, case),
        *(
            f"ends {name(s)} | {name(o)}"
            for s, o in graph.subject_objects(NHS.endsUnder)
            if case in s
        ),
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
def test_case(path: Path, reasoned: Reasoned) -> None:
    """All that the header expects follows, and nothing else."""
    expected = sorted((header(path)["expect"] or "").splitlines())
    assert told(reasoned.graph, f"s{path.stem[:2]}") == expected


def test_rules_are_at_a_fixpoint(reasoned: Reasoned) -> None:
    """On the closed graph the rules derive what they have derived: nothing more, nothing less."""
    assert by_pyoxigraph(reasoned.graph, [rule.text for rule in RULES]) == reasoned.by_rules


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.path.stem)
def test_engines_agree(rule: Rule, reasoned: Reasoned) -> None:
    """rdflib and pyoxigraph read a rule alike."""
    assert by_rdflib(reasoned.graph, [rule.text]) == by_pyoxigraph(reasoned.graph, [rule.text])


def test_no_clash(reasoned: Reasoned) -> None:
    """No case is inconsistent with the ontology."""
    error = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
    assert list(reasoned.graph.objects(None, error)) == []
