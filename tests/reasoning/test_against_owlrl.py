"""The compiled engine derives what owlrl derives, and nothing else.

Hypothesis generates small ontologies and data over all axiom types of OWL 2 RL. Compared is what
follows for named terms (what follows for anonymous class expressions only serves reasoning), left
aside what is trivial (:func:`is_trivial`), and whether the whole is inconsistent. owlrl's known
defects are the only exceptions, each with a test of its own that shows it; where one is put right,
its exception can go:

* ``hasKey``: the last property of a key is never compared. owlrl is given keys with the last
  property twice, which mean the same (:func:`repeat_last`).
* ``AllDifferent``, ``AllDisjointProperties``: the last member is never compared. Both rules only
  end in false, so they are evaluated on owlrl's closure as the table says (:func:`missed`).
* ``dt-diff``, ``dt-not-type``: not derived. The same is done for them (:func:`missed`).
* ``dt-type2``: a plain string is in no datatype, and other literals only in those that are above
  their own, whatever their values. owlrl is given the datatype of strings; numbers are integers.

After a clash of the last two rules, and where something is in owl:Nothing, what follows is not
compared: of literals that are things and of two values that are one, anything would follow.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import owlrl
import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node

from nhskg.rdf.errors import InputError
from nhskg.reasoning.owlrl_engine import OwlrlEngine
from nhskg.reasoning.reasoner import CompiledEngine
from tests.cases import cases

from .programs import read_grammar

PREFIXES = """\
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
GIVEN = ox.NamedNode("http://example.org/given")
DERIVED = ox.NamedNode("http://example.org/derived")
EX = Namespace("http://example.org/")
ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
VOCABULARIES = (str(RDF), str(RDFS), str(OWL), str(XSD))

Triple = tuple[Node, Node, Node]

REFLEXIVE = {OWL.sameAs, RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass,
             OWL.equivalentProperty}  # fmt: skip


class Followed(NamedTuple):
    """The triples given and those that follow by an engine, and what it says is wrong."""

    triples: frozenset[Triple]
    wrong: frozenset[str]


def is_trivial(triple: Triple) -> bool:
    """Tell whether a triple says nothing, by the rules that ``treatments.py`` calls trivial."""
    s, p, o = triple
    return (
        (p in REFLEXIVE and s == o)
        or (o == OWL.Thing and p in {RDF.type, RDFS.subClassOf, RDFS.domain, RDFS.range})
        or (s == OWL.Nothing and p == RDFS.subClassOf)
        or (str(s).startswith(VOCABULARIES) and str(o).startswith(VOCABULARIES))
    )


def stored(text: str) -> ox.Store:
    """Return a store of a Turtle text; it keeps literals in a form of its own."""
    store = ox.Store()
    store.load((PREFIXES + once(text)).encode(), format=ox.RdfFormat.TURTLE, to_graph=GIVEN)
    return store


def once(text: str) -> str:
    """Return a text in which each anonymous class expression has one node, however often it stands.

    To the compiler, expressions that say the same are one class; to the tables each is its own.
    """
    nodes: dict[str, str] = {}
    innermost = re.compile(r"\[ ([^\[\]]+) \]")
    while found := innermost.search(text):
        node = nodes.setdefault(found[1], f"_:e{len(nodes)}")
        text = text.replace(found[0], node)
    return text + "".join(f"{node} {said} .\n" for said, node in nodes.items())


def graph_of(store: ox.Store) -> Graph:
    raw = ox.serialize((quad.triple for quad in store), format=ox.RdfFormat.N_TRIPLES)
    graph = Graph()
    for s, p, o in Graph().parse(data=raw or b"", format="nt"):
        is_plain = isinstance(o, Literal) and o.datatype is None and o.language is None
        graph.add((s, p, Literal(o, datatype=XSD.string) if is_plain else o))
    return graph


def by_compiler(text: str) -> Followed:
    store = stored(text)
    done = CompiledEngine([]).derive(store, DERIVED)
    found = [quad.triple for quad in store.quads_for_pattern(None, None, None, DERIVED)]
    assert not [t for t in found if ox.Quad(t.subject, t.predicate, t.object, GIVEN) in store]
    assert {quad.graph_name for quad in store} <= {GIVEN, DERIVED}, "nothing that served reasoning"
    wrong = frozenset(clash.rule for clash in done.inconsistencies)
    return Followed(telling(graph_of(store)), wrong)


def by_owlrl(text: str) -> Followed:
    asserted = graph_of(stored(text))
    closed = close(repeat_last(asserted))
    wrong = {str(message) for message in closed.objects(None, ERROR)}
    return Followed(telling(closed), frozenset(wrong | set(missed(asserted, closed))))


def telling(graph: Graph) -> frozenset[Triple]:
    """Return the triples between named terms that aren't trivial."""
    return frozenset(
        (s, p, o)
        for s, p, o in graph
        if isinstance(s, URIRef) and isinstance(o, URIRef | Literal) and not is_trivial((s, p, o))
    )


def close(graph: Graph) -> Graph:
    closed = Graph() + graph
    options = {"axiomatic_triples": False, "datatype_axioms": False}
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, **options).expand(closed)
    return closed


def repeat_last(graph: Graph) -> Graph:
    """Return the graph with the last property of each key repeated, so that owlrl compares all."""
    repeated = Graph() + graph
    for _, keys in graph.subject_objects(OWL.hasKey):
        members = Collection(repeated, keys)
        members.append(list(members)[-1])
    return repeated


def missed(asserted: Graph, closed: Graph) -> Iterator[str]:
    """Yield the rules ending in false that owlrl does not have, or has in part, and that apply."""
    for name in (OWL.members, OWL.distinctMembers):
        for listing, members in asserted.subject_objects(name):
            kinds = set(closed.objects(listing, RDF.type))
            for one, two in itertools.combinations(Collection(asserted, members), 2):
                if OWL.AllDifferent in kinds and (one, OWL.sameAs, two) in closed:
                    yield "eq-diff2" if name == OWL.members else "eq-diff3"
                is_apart = OWL.AllDisjointProperties in kinds
                if is_apart and extension(closed, one) & extension(closed, two):
                    yield "prp-adp"
    for s, p, o in closed:
        if isinstance(s, Literal) and p == OWL.sameAs and isinstance(o, Literal) and s != o:
            yield "dt-diff"
        typed = isinstance(s, Literal) and p == RDF.type and o in {XSD.integer, XSD.string}
        if typed and isinstance(getattr(s, "value", None), int) != (o == XSD.integer):
            yield "dt-not-type"


def extension(closed: Graph, prop: Node) -> set[tuple[Node, Node]]:
    """Return the pairs that a property holds of, or the inverse of one without a name."""
    if isinstance(prop, BNode):
        of = closed.value(prop, OWL.inverseOf)
        assert of is not None
        return {(o, s) for s, o in extension(closed, of)}
    return {(s, o) for s, o in closed.subject_objects(prop) if not isinstance(s, Literal)}


# -- ontologies and data

GRAMMAR = read_grammar("ontologies.grammar")


@st.composite
def ontologies(draw: st.DrawFn) -> str:
    lines = [
        *draw(st.lists(GRAMMAR["about"], min_size=1, max_size=4)),
        *draw(st.lists(GRAMMAR["relation"], min_size=1, max_size=4)),
        *draw(st.lists(GRAMMAR["axiom"], max_size=1)),
        *draw(st.lists(GRAMMAR["fact"], min_size=5, max_size=12)),
        *draw(st.lists(GRAMMAR["difference"], max_size=1)),
    ]
    return "\n".join(lines) + "\n"


def shown(triples: Iterable[Triple]) -> list[str]:
    return sorted(" ".join(re.split("[/#]", str(node))[-1] for node in each) for each in triples)


def rules(wrong: Iterable[str]) -> set[str]:
    """Return the rules ending in false that names of checks, or owlrl's messages, tell of."""
    named = {next(part for part in (*ABSURD, name.split("+")[0]) if part in name) for name in wrong}
    return {next((rule for said, rule in TOLD.items() if said in name), name) for name in named}


ABSURD = {"cls-nothing2", "dt-diff", "dt-not-type"}
"""Clashes after which literals would be things, or anything be anything, and all would follow."""

TOLD = {
    "'sameAs' and 'differentFrom'": "eq-diff1",
    "Irreflexive property": "prp-irp",
    "asymmetric property": "prp-asyp",
    "usage of disjoint properties": "prp-pdw",
    "Negative (object)": "prp-npa1",
    "Negative (datatype)": "prp-npa2",
    "is defined of type 'Nothing'": "cls-nothing2",
    "Violation of complementarity": "cls-com",
    "usage of maximum cardinality": "cls-maxc1",
    "usage of maximum qualified": "cls-maxqc",
    "cls-maxqc": "cls-maxqc",
    "Disjoint classes": "cax-dw or cax-adc",
    "cax-": "cax-dw or cax-adc",
    "'sameAs' and 'AllDifferent'": "eq-diff2 or eq-diff3",
    "eq-diff2": "eq-diff2 or eq-diff3",
    "eq-diff3": "eq-diff2 or eq-diff3",
    "'AllDisjointProperties'": "prp-adp",
}
"""What owlrl's messages, and the names of checks, say of the rule; owlrl has one text for some."""


MANY = " ".join(f":C{number}" for number in range(9))
LOOP = "_:r owl:onProperty :p ; owl:someValuesFrom _:r . :i :p :j . :j a _:r ."


@settings(max_examples=60)
@given(ontologies())
@example(":A a owl:Class ; owl:sameAs :B .")
@example(":p a owl:ObjectProperty ; owl:sameAs :q .")
@example(":A a owl:Class ; owl:disjointWith owl:Thing . :i a :A .")
@example(":A a owl:Class ; owl:complementOf owl:Thing . :i a :A .")
@example(f":A owl:disjointWith [ owl:unionOf ({MANY}) ] . :i a :A, :C0 .")
@example(LOOP)
@example(f":A owl:disjointWith _:r . :i a :A . {LOOP}")
def test_the_engines_agree(text: str) -> None:
    """What follows, and whether anything is wrong, is the same by both."""
    compiled, reference = by_compiler(text), by_owlrl(text)
    found, expected = rules(compiled.wrong), rules(reference.wrong)
    assert bool(found) == bool(expected)
    if not ABSURD & (found | expected):
        one, two = compiled.triples, reference.triples
        assert one == two, f"compiler: {shown(one - two)}\nowlrl: {shown(two - one)}"
        assert found == expected


# -- where the engines differ


@cases("reasoning/cases/against-owlrl.yaml")
def test_a_defect_of_owlrl(case: Any) -> None:
    text = case["text"]
    compiled, closed = by_compiler(text), close(graph_of(stored(text)))
    assert set(closed.objects(None, ERROR)) == set()
    if "clash" in case:
        assert compiled.wrong == {case["clash"]}
        assert any(rule in case["clash"] for rule in by_owlrl(text).wrong)
        return
    named = case.get("missed") or case["unsound"]
    assert (named in shown(closed)) == ("unsound" in case)
    assert (named in shown(compiled.triples)) == ("missed" in case)
    assert named not in shown(by_owlrl(text).triples), "without the last property of a key"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # in RDF 1.1 a literal without datatype is in xsd:string; to rdflib it has none
        (
            ":R owl:onProperty :p ; owl:someValuesFrom xsd:string . :a :p 'x' .",
            (EX.a, RDF.type, EX.R),
        ),
        # expressions that say the same are one class, though no rule would find it
        (
            ":i a [ owl:complementOf :A ] . [ owl:complementOf :A ] rdfs:subClassOf :B .",
            (EX.i, RDF.type, EX.B),
        ),
    ],
)
def test_what_the_tables_find_in_another_form_of_the_text(text: str, found: Triple) -> None:
    assert found not in close(Graph().parse(data=PREFIXES + text, format="turtle"))
    assert found in by_owlrl(text).triples
    assert found in by_compiler(text).triples


def test_what_owlrl_refuses_is_one_line() -> None:
    endless = stored(f":g owl:unionOf :l . :l <{RDF.first}> :a ; <{RDF.rest}> :l .")
    with pytest.raises(InputError, match=r"^owlrl refuses the data: List contains a recursive"):
        OwlrlEngine(()).derive(endless, DERIVED)
