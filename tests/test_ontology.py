"""The ontology and its rules: what they derive, case by case, and that they are well made.

A case is a Turtle file under ``rules/`` in the shape that the mapping emits, with what must follow
from it, all of it and nothing else, in its ``#+`` header. The cases are reasoned over together, as
each keeps to names of its own: by owlrl for OWL 2 RL, and by pyoxigraph for the rules, which rdflib
reads alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import owlrl
import pyoxigraph as ox
import pytest
import yaml
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import OWL, PROV, RDF, RDFS, SKOS
from rdflib.plugins.sparql import prepareQuery
from rdflib.term import Node

from nhskg.graph.mapping import PUBLISHED_ONLY
from nhskg.rdf.sparql.algebra import TYPE, Pattern, walk_patterns
from nhskg.rdf.sparql.parser import parse_rule
from nhskg.rdf.terms import compact
from nhskg.reasoning.reasoner import read_rule_text

ROOT = Path(__file__).resolve().parent.parent
ONTOLOGY = ROOT / "ontology"
CASES = sorted((Path(__file__).parent / "rules").glob("*.ttl"))
NHS = Namespace("https://w3id.org/nhskg/ns#")
LABELS = Graph().parse(ONTOLOGY / "vocabularies.ttl")
CONFLICTS = ("HolderConflict", "ExistenceConflict", "RemovalConflict")
NOTES = ("Tension", "Change", "Gap")
KINDS = ("Presupposed", "Stipulated", "Tentative", "Unchanged")
LIMITS = {
    NHS.bearerQualifier: "qualifier",
    NHS.cohort: "cohort",
    NHS.counterpart: "with",
    NHS.deontic: "deontic",
    NHS.effectiveWhen: "gate",
    NHS.quantity: "quantity",
    NHS.subjectTo: "subject-to",
}
EFFECTS = (NHS.divests, NHS.ends, NHS.excludes, NHS.narrows)
NAMES = "altLabel definition example notation prefLabel scopeNote".split()
WORDS = {NHS.counterExample, NHS.participle, RDFS.isDefinedBy, *(SKOS[each] for each in NAMES)}

Triple: TypeAlias = tuple[Node, Node, Node]


def header(path: Path) -> dict[str, Any]:
    """Return the ``#+`` header of a rule or a case."""
    lines = path.read_text("utf-8").splitlines()
    loaded = yaml.safe_load("\n".join(line[3:] for line in lines if line.startswith("#+")))
    assert isinstance(loaded, dict)
    return loaded


class Rule(NamedTuple):
    """A rule as it stands in its file; those of one ten, a stratum, are run together."""

    path: Path
    text: str
    header: dict[str, Any]

    @property
    def stratum(self) -> int:
        return int(self.header["order"]) // 10


FILES = sorted((ONTOLOGY / "rules").glob("*.rq"))
RULES = [Rule(path, read_rule_text(path).text, header(path)) for path in FILES]
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.path.stem)


def load(*paths: Path) -> Graph:
    graph = Graph()
    for path in paths:
        graph.parse(path)
    return graph


@cache
def axioms() -> Graph:
    """Return the ontology that is reasoned over, without its words."""
    graph = load(*(path for path in ONTOLOGY.glob("*.ttl") if path.name not in PUBLISHED_ONLY))
    for word in WORDS:
        graph.remove((None, word, None))
    return graph


def put(graph: Graph, store: ox.Store) -> ox.Store:
    """Put the triples of a graph in a store, and return it."""
    plain = Graph()
    plain += (each for each in graph if not isinstance(each[0], Literal))  # owlrl derives such
    store.load(plain.serialize(format="nt", encoding="utf-8"), format=ox.RdfFormat.N_TRIPLES)
    return store


def by_pyoxigraph(store: ox.Store, *rules: Rule) -> set[ox.Triple]:
    found: set[ox.Triple] = set()
    for rule in rules:
        answer = store.query(rule.text)
        assert isinstance(answer, ox.QueryTriples)
        found.update(answer)
    return found


def as_graph(triples: Iterable[ox.Triple]) -> Graph:
    data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    return Graph().parse(data=data or b"", format="nt")


def close(graph: Graph) -> None:
    owlrl.DeductiveClosure(
        owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False
    ).expand(graph)


def lifted(graph: Graph, new: Graph) -> Graph:
    """Return triples with what OWL says at once: of superclasses, superproperties, and symmetry."""
    found = Graph() + new
    for s, p, o in new:
        if p == RDF.type:
            found += [(s, p, broader) for broader in graph.objects(o, RDFS.subClassOf)]
            continue
        found += [(s, broader, o) for broader in graph.objects(p, RDFS.subPropertyOf)]
        if (p, RDF.type, OWL.SymmetricProperty) in graph:
            found.add((o, p, s))
    return found


class Reasoned(NamedTuple):
    """A closed graph, the same as a store, and the triples that the rules have put in it.

    Each of the ``parts`` is all of it but for most of the cases, as rdflib is slow with them all.
    """

    graph: Graph
    store: ox.Store
    by_rules: set[ox.Triple]
    parts: list[Graph]


@pytest.fixture(scope="module")
def reasoned() -> Reasoned:
    """The cases, closed under OWL 2 RL, by the rules stratum by stratum, and closed again.

    Between rules only what they read of OWL is added (:func:`lifted`), as owlrl is slow;
    :func:`test_rules_are_at_a_fixpoint` shows that no more was needed.
    """
    graph = axioms() + load(*CASES)
    close(graph)
    store = put(graph, ox.Store())
    by_rules: set[ox.Triple] = set()
    for _, rules in groupby(RULES, key=lambda rule: rule.stratum):
        stratum = list(rules)
        while new := by_pyoxigraph(store, *stratum) - by_rules:
            by_rules |= new
            more = lifted(graph, as_graph(new))
            graph += more
            put(more, store)
    close(graph)
    return Reasoned(graph, put(graph, ox.Store()), by_rules, parts_of(graph))


def parts_of(graph: Graph) -> list[Graph]:
    """Return a graph in parts: each has the triples of some cases, and those of no case."""
    parts = [Graph() for _ in range(24)]
    for triple in graph:
        cases = {each for node in triple for each in re.findall(r"\bs(\d\d)\b", str(node))}
        assert len(cases) <= 1, triple
        for part in parts if not cases else [parts[int(cases.pop()) % len(parts)]]:
            part.add(triple)
    return parts


# -- what is derived, in words


def name(node: Node | None) -> str:
    """Return the local name without the prefix that keeps the cases apart."""
    return re.sub(r"^s\d\d-", "", str(node).replace("#", "/").rsplit("/", 1)[-1])


def told(graph: Graph, case: str) -> list[str]:
    """Return all that was derived for one case, a line a fact, sorted."""
    facts = [*_entries(graph, case), *_conflicts(graph, case), *_relations(graph, case)]
    facts += _notes(graph, case)
    facts += _pairs(graph, case, NHS.endsUnder, "ends {} | {}")
    for effect in EFFECTS:
        form = f"{{}} {name(effect)} {{}}"
        facts += _pairs(graph, f"/claim/{case}/", effect, form, shown=_dotted)
    return sorted(facts)


def _of(graph: Graph, case: str, kind: URIRef) -> Iterable[Node]:
    return (each for each in graph.subjects(RDF.type, kind) if case in str(each))


def _pairs(
    graph: Graph, case: str, predicate: URIRef, form: str, shown: Callable[[Node], str] = name
) -> Iterable[str]:
    for s, o in graph.subject_objects(predicate):
        if case in str(s):
            yield form.format(name(s), shown(o))


def _entries(graph: Graph, case: str) -> Iterable[str]:
    """Yield each entry: what of, its kind, its basis and effect, its limits or its claims.

    The kind of a holding is its class, and that of another entry the word in its IRI.
    """
    for entry in _of(graph, f"/{case}-", NHS.Entry):
        types = set(graph.objects(entry, RDF.type))
        kinds = " ".join(each.lower() for each in KINDS if NHS[f"{each}Holding"] in types)
        basis = " ".join(
            sorted(
                str(LABELS.value(each, SKOS.prefLabel)) for each in graph.objects(entry, NHS.basis)
            )
        )
        effect = " ".join(sorted(name(each) for each in graph.objects(entry, NHS.effect)))
        known = ": ".join(each for each in (basis or "-", effect.lower()) if each)
        more = sorted(
            f"{word}={name(value)}"
            for predicate, word in {**LIMITS, NHS.candidate: "candidate"}.items()
            for value in graph.objects(entry, predicate)
        )
        if not kinds:
            *_, kinds, _ = str(entry).split("/")
            sources = graph.objects(entry, PROV.wasDerivedFrom)
            more += sorted(f"by={name(each)}" for each in sources if _said(each))
        yield " | ".join([_dotted(entry), kinds, known, *([" ".join(more)] if more else [])])


def _conflicts(graph: Graph, case: str) -> Iterable[str]:
    for kind in CONFLICTS:
        for conflict in _of(graph, f"/conflict/{case}", NHS[kind]):
            plans, *about = (
                sorted(name(each) for each in graph.objects(conflict, predicate))
                for predicate in (NHS.underPlan, NHS.power, NHS.matter, NHS.target)
            )
            shown = " ".join(each for part in about for each in part)
            yield f"conflict {kind} {' '.join(plans)} | {shown}"


def _notes(graph: Graph, case: str) -> Iterable[str]:
    """Yield each tension and change with its two sides, and each gap with its claim."""
    for sort in NOTES:
        for note in _of(graph, f"/{case}.", NHS[sort]):
            kind = [] if sort == "Change" else [name(graph.value(note, NHS.kind))]
            ends = (NHS.oneSide, NHS.otherSide) if sort != "Gap" else (PROV.wasDerivedFrom,)
            claims = (
                name(each) for end in ends for each in graph.objects(note, end) if _said(each)
            )
            yield " ".join([sort.lower(), *kind, *claims])


def _said(node: Node) -> bool:
    return "/claim/" in str(node)


def _dotted(node: Node) -> str:
    """Return the parts of the name of a holding or a competence."""
    return re.sub(r"s\d\d-", "", local(node)).replace(".", " ")


def _relations(graph: Graph, case: str) -> Iterable[str]:
    for predicate in graph.subjects(RDF.type, NHS.RelationPredicate):
        assert isinstance(predicate, URIRef)
        yield from _pairs(graph, f"/{case}-", predicate, f"triple {{}} {name(predicate)} {{}}")
    for denial in _of(graph, f"/denial/{case}.", OWL.NegativePropertyAssertion):
        slots = (OWL.sourceIndividual, OWL.assertionProperty, OWL.targetIndividual)
        yield "denied " + " ".join(name(graph.value(denial, slot)) for slot in slots)
    for claim in _of(graph, f"/claim/{case}/", NHS.DisputedClaim):
        yield f"disputed {name(claim)}"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, reasoned: Reasoned) -> None:
    """All that the header expects follows, and nothing else."""
    expected = sorted((header(path)["expect"] or "").splitlines())
    assert told(reasoned.graph, f"s{path.stem[:2]}") == expected


def test_rules_are_at_a_fixpoint(reasoned: Reasoned) -> None:
    """On the closed graph the rules derive what they have derived: nothing more, nothing less."""
    assert by_pyoxigraph(reasoned.store, *RULES) == reasoned.by_rules


@each_rule
def test_engines_agree(rule: Rule, reasoned: Reasoned) -> None:
    """rdflib and pyoxigraph read a rule alike."""
    query = prepareQuery(rule.text)
    found = {triple for part in reasoned.parts for triple in part.query(query)}
    assert found == set(as_graph(by_pyoxigraph(reasoned.store, rule)))


def test_no_clash(reasoned: Reasoned) -> None:
    """No case is inconsistent with the ontology."""
    error = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
    assert list(reasoned.graph.objects(None, error)) == []


ID = "https://w3id.org/nhskg/id/"
HOLDING = f"{ID}holding/"


def local(node: Node | str | None) -> str:
    return str(node).rsplit("/", 1)[-1]


def test_nothing_is_lost(reasoned: Reasoned) -> None:
    """What a baseline gives is unchanged, stipulated, or wholly taken away or ended at once."""
    graph = reasoned.graph
    displacing = set(graph.subjects(RDF.type, NHS.DisplacingProvision))
    stipulated = set(map(str, graph.subjects(RDF.type, NHS.StipulatedHolding)))
    for plan, base in graph.subject_objects(NHS.baseline):
        for old in graph.subjects(NHS.underPlan, base):
            if (old, RDF.type, NHS.FirmHolding) in graph:
                slug = local(plan) + local(old).removeprefix(local(base))
                whole = HOLDING + ".".join(slug.split(".")[:4])  # without the cohort
                kept = (URIRef(HOLDING + slug), RDF.type, NHS.FirmHolding) in graph
                losses = (URIRef(f"{ID}{sort}/{slug}") for sort in ("loss", "ending"))
                sources = {
                    each for loss in losses for each in graph.objects(loss, PROV.wasDerivedFrom)
                }
                in_part = set(graph.subjects(NHS.narrows, _competence(slug)))
                gone = bool(sources & displacing - in_part)
                assert kept != gone or stipulated & {HOLDING + slug, whole}, (old, plan)


def _competence(slug: str) -> URIRef:
    return URIRef(f"{ID}competence/{'.'.join(slug.split('.')[1:4])}")


def test_each_entry_has_one_basis(reasoned: Reasoned) -> None:
    """Only an unchanged holding can have none, where the plan speaks of it: it is what is left."""
    graph = reasoned.graph
    unchanged = set(graph.subjects(RDF.type, NHS.UnchangedHolding))
    for entry in graph.subjects(RDF.type, NHS.Entry):
        bases = list(graph.objects(entry, NHS.basis))
        assert len(bases) == 1 or (not bases and entry in unchanged), entry
        assert len(list(graph.objects(entry, NHS.effect))) <= 1, entry


def test_each_holding_is_of_one_competence(reasoned: Reasoned) -> None:
    """A holding is named for its plan, its competence and, if it has one, its cohort."""
    graph = reasoned.graph
    slots = ((NHS.holder, NHS.ofBody), (NHS.power, NHS.ofPower), (NHS.matter, NHS.ofMatter))
    for holding in graph.subjects(RDF.type, NHS.Holding):
        plan, *_ = local(holding).split(".")
        assert plan == local(graph.value(holding, NHS.underPlan))
        competence = _competence(local(holding))
        assert (competence, RDF.type, NHS.Competence) in graph, holding
        for of_holding, of_competence in slots:
            held = list(graph.objects(holding, of_holding))
            assert list(graph.objects(competence, of_competence)) == held, holding


# -- that the rules are well made


def named(pattern: Pattern) -> str:
    """Return the class of a pattern on types, or else the predicate, with its prefix."""
    node = pattern.object if pattern.predicate == TYPE else pattern.predicate
    return "any nhs:RelationPredicate" if isinstance(node, ox.Variable) else compact(node.value)


@each_rule
def test_header_is_true(rule: Rule) -> None:
    """A header names what the rule derives, and what it reads under negation; no more, no less."""
    parsed = parse_rule(rule.text, source=rule.path.name)
    assert {named(pattern) for pattern in parsed.head} == set(rule.header["derives"])
    negated = {named(pattern) for pattern, under in walk_patterns(parsed.body) if under}
    assert negated == set(rule.header["negates"])
    assert int(rule.path.name[:2]) == rule.header["order"]
    assert set(rule.header) == {"title", "order", "derives", "negates", "description"}


@each_rule
def test_negation_is_over_a_lower_stratum(rule: Rule) -> None:
    """No class that a rule negates is derived in its own stratum or in a higher one.

    Properties are shared by provisions, holdings and conflicts, which are disjoint: of those only
    the compiler can tell, and it refuses a program with negation in a cycle.
    """
    classes = re.compile(r"nhs:[A-Z]")
    schema = axioms()
    for other in RULES:
        for term in filter(classes.match, other.header["derives"]):
            derived = NHS[term.removeprefix("nhs:")]
            entailed = {derived, *schema.transitive_objects(derived, RDFS.subClassOf)}
            if set(rule.header["negates"]) & {compact(str(each)) for each in entailed}:
                assert other.stratum < rule.stratum, other.path.stem
