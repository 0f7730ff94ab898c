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
from dataclasses import dataclass

import owlrl
import pyoxigraph as ox
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import Node

from nhskg.reasoning.reasoner import CompiledEngine

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


@dataclass(frozen=True)
class Followed:
    """The triples given and those that follow by an engine, and what it says is wrong."""

    triples: frozenset[Triple]
    wrong: frozenset[str]


def is_trivial(triple: Triple) -> bool:
    """Tell whether a triple says nothing: :mod:`nhskg.reasoning.tables` tells these rules trivial.

    That a term is the same as itself, below itself or equivalent to itself; that anything is in or
    below owl:Thing (in a domain or range as well), or owl:Nothing below anything; and what the
    vocabularies say of their own terms.
    """
    s, p, o = triple
    if p in {OWL.sameAs, RDFS.subClassOf, RDFS.subPropertyOf, *EQUIVALENCES} and s == o:
        return True
    if o == OWL.Thing and p in {RDF.type, RDFS.subClassOf, RDFS.domain, RDFS.range}:
        return True
    if s == OWL.Nothing and p == RDFS.subClassOf:
        return True
    return str(s).startswith(VOCABULARIES) and str(o).startswith(VOCABULARIES)


EQUIVALENCES = {OWL.equivalentClass, OWL.equivalentProperty}


# -- the two engines


def stored(text: str) -> ox.Store:
    """Return a store of a Turtle text; it keeps literals in a form of its own."""
    store = ox.Store()
    store.load((PREFIXES + once(text)).encode(), format=ox.RdfFormat.TURTLE, to_graph=GIVEN)
    return store


def once(text: str) -> str:
    """Return a text in which each anonymous class expression has one node, however often it stands.

    To the compiler expressions that say the same are one class
    (:func:`test_expressions_that_say_the_same_are_one_class`); to the tables, each node is its own.
    """
    nodes: dict[str, str] = {}
    innermost = re.compile(r"\[ ([^\[\]]+) \]")
    while found := innermost.search(text):
        node = nodes.setdefault(found[1], f"_:e{len(nodes)}")
        text = text.replace(found[0], node)
    return text + "".join(f"{node} {said} .\n" for said, node in nodes.items())


def graph_of(store: ox.Store) -> Graph:
    told = (quad.triple for quad in store if quad.graph_name in {GIVEN, DERIVED})
    raw = ox.serialize(told, format=ox.RdfFormat.N_TRIPLES)
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
    closed = Graph()
    for triple in graph:
        closed.add(triple)
    owlrl.DeductiveClosure(
        owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False
    ).expand(closed)
    return closed


def repeat_last(graph: Graph) -> Graph:
    """Return the graph with the last property of each key repeated, so that owlrl compares all."""
    repeated = Graph()
    for triple in graph:
        repeated.add(triple)
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
    """Return the pairs that a property, or the inverse of one, holds of.

    In RDF no triple says so of an inverse without a name.
    """
    if isinstance(prop, BNode):
        of = closed.value(prop, OWL.inverseOf)
        assert of is not None
        return {(o, s) for s, o in extension(closed, of)}
    return {(s, o) for s, o in closed.subject_objects(prop) if not isinstance(s, Literal)}


def other_kind(value: Literal) -> URIRef:
    """Return the datatype in use here that a literal's value is not in."""
    return XSD.string if isinstance(value.value, int) else XSD.integer


# -- ontologies and data


Strategy = st.SearchStrategy[str]


def one_of(names: str) -> Strategy:
    return st.sampled_from(names.split())


def listed(items: Strategy, *, least: int = 1) -> Strategy:
    return st.lists(items, min_size=least, max_size=3).map(lambda found: f"({' '.join(found)})")


def forms(grammar: str, **parts: Strategy) -> Strategy:
    """Return texts of any of some forms, separated by bars, with their parts filled in."""
    known = {**PARTS, **parts}

    def form(text: str) -> Strategy:
        filled = {name: known[name] for name in re.findall(r"{(\w+)}", text)}
        return st.fixed_dictionaries(filled).map(lambda given: text.format(**given))

    return st.one_of([form(" ".join(text.split())) for text in grammar.split("|")])


INDIVIDUALS, VALUED, KINDS = one_of(":i :j :k"), one_of(":d :e"), one_of("xsd:integer xsd:string")
PROPERTIES = one_of(":p :q :p :q :r")
PARTS: dict[str, Strategy] = {
    **dict.fromkeys("ij", INDIVIDUALS),
    **dict.fromkeys("AB", one_of(":A :B :R :S :V")),
    **dict.fromkeys("PQ", PROPERTIES),
    **dict.fromkeys("de", VALUED),
    "v": one_of('1 2 "a"'),
    "n": one_of("0 1 1 2").map('"{}"^^xsd:nonNegativeInteger'.format),
    "individuals": listed(INDIVIDUALS),
    "different": listed(INDIVIDUALS, least=2),
    "K": KINDS,
    "kinds": listed(KINDS),
    "members": one_of("members distinctMembers"),
}
PATHS = forms("{P} | {P} | [ owl:inverseOf {P} ]")
PARTS |= dict.fromkeys("pq", PATHS)
PARTS |= {
    "k": forms("{K} | {K} | [ a rdfs:Datatype ; owl:intersectionOf {kinds} ]"),
    "paths": listed(PATHS),
    "apart": listed(PATHS, least=2),
    "data": listed(VALUED, least=2),
    "keys": listed(st.one_of(PATHS, VALUED)),
    "kind": one_of(
        "FunctionalProperty InverseFunctionalProperty TransitiveProperty SymmetricProperty "
        "IrreflexiveProperty AsymmetricProperty"
    ),
    "relates": one_of("rdfs:subPropertyOf owl:equivalentProperty owl:propertyDisjointWith"),
}


def expressions(classes: Strategy) -> Strategy:
    """What is said of the node of a class expression."""
    return forms(
        """owl:intersectionOf {classes} | owl:unionOf {classes} | owl:complementOf {c}
        | owl:oneOf {individuals} | owl:onProperty {p} ; owl:someValuesFrom {c}
        | owl:onProperty {p} ; owl:someValuesFrom owl:Thing
        | owl:onProperty {p} ; owl:allValuesFrom {c} | owl:onProperty {p} ; owl:hasValue {i}
        | owl:onProperty {p} ; owl:maxCardinality {n}
        | owl:onProperty {p} ; owl:maxQualifiedCardinality {n} ; owl:onClass owl:Thing
        | owl:onProperty {p} ; owl:maxQualifiedCardinality {n} ; owl:onClass {c}""",
        c=classes,
        classes=listed(classes),
    )


DATA_EXPRESSIONS = forms(
    """owl:onProperty {d} ; owl:someValuesFrom {k} | owl:onProperty {d} ; owl:allValuesFrom {k}
    | owl:onProperty {d} ; owl:hasValue {v} | owl:onProperty {d} ; owl:maxCardinality {n}"""
)
KNOWN = one_of(":A :B :R :S :V " * 4 + "owl:Thing owl:Thing owl:Nothing")
ANONYMOUS = st.recursive(
    KNOWN,
    lambda inner: forms("[ {e} ]", e=st.one_of(expressions(inner), DATA_EXPRESSIONS)),
    max_leaves=3,
)
ANY = st.one_of(KNOWN, ANONYMOUS)
PARTS |= {
    **dict.fromkeys("co", ANY),
    "disjoint": listed(ANY, least=2),
    "expression": expressions(ANY),
    "simple": expressions(KNOWN),
    "data_expression": DATA_EXPRESSIONS,
    "named": one_of(":R :S"),
    "below": one_of("rdfs:subClassOf rdfs:subClassOf owl:equivalentClass owl:disjointWith"),
}
CLASS_AXIOMS = forms(
    """{named} {expression} . | {named} {simple} . | :V {data_expression} . | {A} a owl:Class .
    | {c} {below} {o} . | {c} {below} {o} . | {c} {below} {o} . | {c} owl:hasKey {keys} .
    | [] a owl:AllDisjointClasses ; owl:members {disjoint} ."""
)
PROPERTY_AXIOMS = forms(
    """{p} rdfs:domain {c} . | {d} rdfs:domain {c} . | {p} rdfs:range {c} . | {d} rdfs:range {k} .
    | {p} {relates} {q} . | {p} {relates} {q} . | {d} {relates} {e} . | {d} {relates} {e} .
    | {P} owl:inverseOf {Q} . | {P} owl:propertyChainAxiom {paths} .
    | [] a owl:AllDisjointProperties ; owl:members {apart} .
    | [] a owl:AllDisjointProperties ; owl:members {data} .
    | {p} a owl:{kind} . | {p} a owl:{kind} . | {p} a owl:{kind} . | {P} a owl:ObjectProperty .
    | {d} a owl:FunctionalProperty . | {d} a owl:DatatypeProperty ."""
)
DERIVED_AXIOMS = forms(
    """:says rdfs:subPropertyOf rdfs:subClassOf . {A} :says {B} .
    | :Kind rdfs:subClassOf owl:TransitiveProperty . {P} a :Kind .
    | :Kind rdfs:subClassOf owl:FunctionalProperty . {P} a :Kind .
    | :Kind rdfs:subClassOf owl:SymmetricProperty . {P} a :Kind .
    | {P} owl:sameAs {Q} . | {A} owl:sameAs {B} ."""
)
FACTS = forms(
    """{i} {P} {j} . | {i} {P} {j} . | {i} {P} {j} . | {i} {d} {v} . | {i} a {c} . | {i} a {A} ."""
)
DIFFERENCES = forms(
    """{i} owl:sameAs {j} . | {i} owl:differentFrom {j} .
    | [] a owl:AllDifferent ; owl:{members} {different} .
    | [] owl:sourceIndividual {i} ; owl:assertionProperty {P} ; owl:targetIndividual {j} .
    | [] owl:sourceIndividual {i} ; owl:assertionProperty {d} ; owl:targetValue {v} ."""
)


@st.composite
def ontologies(draw: st.DrawFn) -> str:
    lines = [
        *draw(st.lists(CLASS_AXIOMS, min_size=1, max_size=4)),
        *draw(st.lists(PROPERTY_AXIOMS, min_size=1, max_size=4)),
        *draw(st.lists(st.one_of(CLASS_AXIOMS, PROPERTY_AXIOMS, DERIVED_AXIOMS), max_size=1)),
        *draw(st.lists(FACTS, min_size=5, max_size=12)),
        *draw(st.lists(DIFFERENCES, max_size=1)),
    ]
    return "\n".join(lines) + "\n"


def shown(triples: Iterable[Triple]) -> list[str]:
    return sorted(" ".join(str(node).rsplit("/", 1)[-1] for node in each) for each in triples)


def assert_agreement(text: str) -> None:
    compiled, reference = by_compiler(text), by_owlrl(text)
    one, two = compiled.triples, reference.triples
    note(f"{text}\nwrong by the compiler: {sorted(compiled.wrong)}; by owlrl: {reference.wrong}")
    note(f"by the compiler only: {shown(one - two)}\nby owlrl only: {shown(two - one)}")
    assert bool(compiled.wrong) == bool(reference.wrong)
    found, expected = rules(compiled.wrong), rules(reference.wrong)
    if not ABSURD & (found | expected):
        assert one == two
        assert found == expected


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


@settings(max_examples=100)
@given(ontologies())
def test_the_engines_agree(text: str) -> None:
    """What follows, and whether anything is wrong, is the same by both."""
    assert_agreement(text)


# -- owlrl's defects


def entailed(text: str) -> Graph:
    return close(graph_of(stored(text)))


KEY = ":C owl:hasKey (:p) . :a a :C ; :p :x . :b a :C ; :p :y ."
DEFECTS = {
    "AllDifferent": (
        "[] a owl:AllDifferent ; owl:members (:a :b) . :a owl:sameAs :b .",
        "eq-diff2",
    ),
    "AllDisjointProperties": (
        "[] a owl:AllDisjointProperties ; owl:members (:p :q) . :a :p :b ; :q :b .",
        "prp-adp",
    ),
    "dt-diff": (
        ":p a owl:FunctionalProperty . :a :p 1, 2 .",
        "prp-fp+dt-diff+eq-diff1",
    ),
    "dt-not-type": (
        ":p rdfs:range xsd:string . :a :p 1 .",
        "prp-rng+dt-not-type",
    ),
}


def test_owlrl_never_compares_the_last_property_of_a_key() -> None:
    """A key of one property makes all instances of the class the same, which is unsound."""
    same = (EX.a, OWL.sameAs, EX.b)
    assert same in entailed(KEY)
    assert same not in close(repeat_last(graph_of(stored(KEY))))
    assert same not in by_compiler(KEY).triples


@pytest.mark.parametrize("name", DEFECTS)
def test_owlrl_misses_a_clash(name: str) -> None:
    """owlrl finds nothing wrong; the compiled engine does."""
    text, rule = DEFECTS[name]
    assert set(entailed(text).objects(None, ERROR)) == set()
    assert by_compiler(text).wrong == {rule}
    assert any(missed_rule in rule for missed_rule in by_owlrl(text).wrong)


def test_owlrl_does_not_know_a_plain_string_as_a_string() -> None:
    """In RDF 1.1 a literal without datatype is in xsd:string; to rdflib it has none."""
    text = ":R owl:onProperty :p ; owl:someValuesFrom xsd:string . :a :p 'x' ."
    found = (EX.a, RDF.type, EX.R)
    plain = Graph().parse(data=PREFIXES + text, format="turtle")
    assert found not in close(plain)
    assert found in entailed(text)
    assert found in by_compiler(text).triples


@pytest.mark.parametrize(("value", "kind"), [("1", "byte"), ("1.0", "integer")])
def test_owlrl_takes_a_literal_by_its_datatype_and_not_by_its_value(value: str, kind: str) -> None:
    """dt-type2 is about data values: 1.0 is an integer, and 1 a byte."""
    text = f":R owl:onProperty :p ; owl:someValuesFrom xsd:{kind} . :a :p {value} ."
    found = (EX.a, RDF.type, EX.R)
    assert found not in entailed(text)
    assert found in by_compiler(text).triples


# -- where the compiled engine differs on purpose


def test_expressions_that_say_the_same_are_one_class() -> None:
    """What stands twice is one class, though there is no rule that would find it."""
    text = ":i a [ owl:complementOf :A ] . [ owl:complementOf :A ] rdfs:subClassOf :B ."
    found = (EX.i, RDF.type, EX.B)
    assert found in by_compiler(text).triples
    assert found in close(Graph().parse(data=PREFIXES + once(text), format="turtle"))
    assert found not in close(Graph().parse(data=PREFIXES + text, format="turtle"))


# -- the compiled engine


@pytest.mark.parametrize(
    "text",
    [
        ":A a owl:Class ; owl:sameAs :B .",
        ":p a owl:ObjectProperty ; owl:sameAs :q .",
    ],
)
def test_classes_that_are_the_same(text: str) -> None:
    assert by_compiler(text).triples == by_owlrl(text).triples


MANY = " ".join(f":C{number}" for number in range(9))
UNSEEN = {
    "thing, disjoint": ":A a owl:Class ; owl:disjointWith owl:Thing . :i a :A .",
    "thing, complement": ":A a owl:Class ; owl:complementOf owl:Thing . :i a :A .",
    "not folded": f":A owl:disjointWith [ owl:unionOf ({MANY}) ] . :i a :A, :C0 .",
    "recursive": """
        :A owl:disjointWith _:r . _:r owl:onProperty :p ; owl:someValuesFrom _:r .
        :i a :A ; :p :j . :j a _:r .""",
}


@pytest.mark.parametrize("name", UNSEEN)
def test_a_check_sees_what_only_serves_reasoning(name: str) -> None:
    assert by_owlrl(UNSEEN[name]).wrong
    assert by_compiler(UNSEEN[name]).wrong


def test_nothing_else_is_left_in_the_store() -> None:
    """Also where a recursive group derives nothing but members of an anonymous class."""
    text = "_:r owl:onProperty :p ; owl:someValuesFrom _:r . :i :p :j . :j a _:r ."
    store = stored(text)
    CompiledEngine([]).derive(store, DERIVED)
    assert {quad.graph_name for quad in store} <= {GIVEN, DERIVED}
