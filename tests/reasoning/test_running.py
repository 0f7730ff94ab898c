"""What a program derives in a store: the fixpoint, and nothing that stands there already."""

from __future__ import annotations

import doctest
from pathlib import Path

import pyoxigraph as ox
import pytest

import nhskg.reasoning
from nhskg.rdf.sparql.algebra import ProgramError
from nhskg.reasoning import array_executor, sparql_executor
from nhskg.reasoning.reasoner import Outcome, choose_executor, reason
from nhskg.reasoning.rule_normalization import RuleText
from nhskg.reasoning.sparql_executor import EmbeddedStore, SparqlExecutor

DERIVED = ox.NamedNode("http://example.org/derived")
PREFIXES = """PREFIX : <http://example.org/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""


def run(data: str, *rules: str) -> tuple[list[str], Outcome, ox.Store]:
    """Reason over TriG with rules ``head <- body``; return what is derived in short form.

    Both executors must derive the same, and find the same clashes.
    """
    store, other = ox.Store(), ox.Store()
    trig = PREFIXES.replace("PREFIX", "@prefix").replace(">\n", "> .\n") + data
    store.load(trig.encode(), format=ox.RdfFormat.TRIG)
    texts = []
    for number, rule in enumerate(rules):
        head, body = rule.split("<-")
        text = f"{PREFIXES}CONSTRUCT {{ {head} }} WHERE {{ {body} }}"
        texts.append(RuleText(text, f"r{number}"))
    other.extend(store)
    outcome = reason(choose_executor(store, texts), texts, DERIVED)
    by_sparql = reason(SparqlExecutor(EmbeddedStore(other)), texts, DERIVED)
    assert set(store) == set(other)
    assert outcome.derived == by_sparql.derived
    assert outcome.inconsistencies == by_sparql.inconsistencies
    return (
        sorted(short(q) for q in store.quads_for_pattern(None, None, None, DERIVED)),
        outcome,
        store,
    )


def short(quad: ox.Quad) -> str:
    nodes = (quad.subject, quad.predicate, quad.object)
    return " ".join(str(n.value).replace("#", "/").rsplit("/", 1)[-1] for n in nodes)  # type: ignore[union-attr]


CHAIN = " . ".join(f":n{i} :next :n{i + 1}" for i in range(40))
CASES: dict[str, tuple[str, tuple[str, ...], list[str]]] = {
    "data are the union of the named graphs": (
        ":g1 { :a :p :b } :g2 { :b :q :c }",
        ("?x :r ?z <- ?x :p ?y . ?y :q ?z",),
        ["a r c"],
    ),
    "nothing asserted is derived again": (
        ":g { :a :p :b , :c . :a :q :b . :a a :T }",
        ("?x :q ?y . ?x a :T . ?x :s ?y <- ?x :p ?y",),
        ["a q c", "a s b", "a s c"],
    ),
    "nothing that serves reasoning is left": (
        """:g { :a :p :b . :b :p :c . :A owl:intersectionOf ( [ owl:onProperty :p ;
          owl:someValuesFrom owl:Thing ] [ owl:unionOf ( :B :C ) ] ) .
          :a a :B . :q a owl:TransitiveProperty . :a :q :b . :b :q :c }""",
        ("?x :far ?y <- ?x :p* ?y . ?x :p ?z",),
        ["a far a", "a far b", "a far c", "a q c", "a type A", "b far b", "b far c"],
    ),
    "recursion reaches the end of a long chain": (
        f":g {{ {CHAIN} }}",
        ("?x :before ?y <- ?x :next ?y", "?x :before ?z <- ?x :before ?y . ?y :before ?z"),
        sorted(f"n{i} before n{j}" for i in range(41) for j in range(i + 1, 41)),
    ),
    "several premises about one subject, new in the same or in different rounds": (
        ":g { :h0 a :H ; :v 1 . :h0 :next :h1 . :h1 :next :h2 . :h2 :next :h3 . :h3 a :H }",
        ("?n a :H . ?n :v ?v <- ?h a :H . ?h :v ?v . ?h :next ?n",),
        ["h1 type H", "h1 v 1", "h2 type H", "h2 v 1", "h3 v 1"],
    ),
    "negation is over what is complete": (
        ":g { :a :p :b . :b :p :c . :a a :N . :b a :N . :c a :N }",
        (
            "?x a :Last <- ?x a :N FILTER NOT EXISTS { ?x :after ?y . ?y a :N }",
            "?x :after ?y <- ?x :p ?y",
        ),
        ["a after b", "b after c", "c type Last"],
    ),
    "what negation concluded is taken back when an axiom is found": (
        ":g { :D :below :C . :a a :D . :b a :E }",
        (
            "?d rdfs:subClassOf ?c <- ?d :below ?c",
            "?x a :Stranger <- ?x a ?any . VALUES ?any { :D :E } FILTER NOT EXISTS { ?x a :C }",
        ),
        ["D subClassOf C", "a type C", "b type Stranger"],
    ),
    "predicates that a rule writes are looked up in the data": (
        """:g { :x :says :likes ; :of :a ; :to :b . :y :says :hates ; :of :a ; :to :b .
          :a :no :b . :hates a :Bad }""",
        ("?s ?p ?o <- ?r :says ?p . ?r :of ?s . ?r :to ?o FILTER NOT EXISTS { ?p a :Bad }",),
        ["a likes b"],
    ),
    "predicates that turn up only while reasoning": (
        ":g { :x :tells :likes ; :of :a ; :to :b }",
        ("?s ?p ?o <- ?r :says ?p . ?r :of ?s . ?r :to ?o", "?r :says ?p <- ?r :tells ?p"),
        ["a likes b", "x says likes"],
    ),
    "a derived path may end in a literal, also where it grows": (
        ':g { :b :p :c . :c :t "x" . :c :q :a }',
        ("?x :r ?y <- ?x :p ?z . ?z :q+ ?y", "?z :q ?y <- ?x :r ?a . ?x :p ?z . ?z :t ?y"),
        ["b r a", "b r x", "c q x"],
    ),
    "a path of no steps may begin at a literal": (
        ':g { :b :p "x" . :c :q :d }',
        ("?x :r ?y <- ?x :p ?z . ?z :q* ?y",),
        ["b r x"],
    ),
    "a triple term is no subject": (
        ":g { :a :p <<( :x :y :z )>> . :p rdfs:range :C . :q owl:inverseOf :p . :b :p :c }",
        ("?y a :T <- ?x :p ?y",),
        ["c q b", "c type C", "c type T"],
    ),
    "a class or predicate that is the subject too": (
        ":g { :a :p :a . :b :p :c }",
        ("?x a ?x <- ?x :p ?x", "?x ?x ?y <- ?x :p ?y"),
        ["a a a", "a type a", "b b c"],
    ),
    "negation beside an equality of names that a rule makes": (
        ":g { :a :name 'x' . :z :unk :y }",
        (
            "?n owl:sameAs ?x <- ?x :name ?v BIND(IRI(CONCAT('http://example.org/', ?v)) AS ?n)",
            "?x a :T <- ?x :unk ?y FILTER NOT EXISTS { ?x :q ?y }",
        ),
        ["a sameAs x", "x name x", "x sameAs a", "x sameAs x", "z type T"],
    ),
}


@pytest.mark.parametrize(("data", "rules", "expected"), CASES.values(), ids=CASES)
def test_what_is_derived(data: str, rules: tuple[str, ...], expected: list[str]) -> None:
    assert run(data, *rules)[0] == expected


AMONG: dict[str, tuple[str, tuple[str, ...], set[str]]] = {
    "axioms that rules derive are compiled in": (
        ":g { :C :narrower :D . :D :narrower :E . :a a :E }",
        ("?d rdfs:subClassOf ?c <- ?c :narrower ?d",),
        {"a type D", "a type C"},
    ),
    "axioms that follow from axioms about axioms": (
        ":g { :isA rdfs:subPropertyOf rdfs:subClassOf . :C :isA :D . :a a :C }",
        (),
        {"a type D"},
    ),
    "equality found while reasoning is reasoned with": (
        ":g { :p a owl:FunctionalProperty . :a :p :b , :c . :b :q 1 . :d :r :c }",
        (),
        {"c q 1", "d r b", "b sameAs c", "c sameAs b"},
    ),
    "each equality lets a chain be seen, from which the next equality follows": (
        """:g { :x owl:sameAs :y . :p a owl:FunctionalProperty .
          :s owl:propertyChainAxiom ( :q :r ) . :s rdfs:subPropertyOf :p .
          :k :p :b , :c . :a :q :b ; :p :e . :c :r :d . :e :likes :f }""",
        (),
        {"a s d", "a p d", "d sameAs e", "d likes f"},
    ),
    "a predicate that is the same as a relation of the schema": (
        ":g { :sub owl:sameAs rdfs:subClassOf . :A :sub :B . :x a :A }",
        (),
        {"A subClassOf B", "x type B"},
    ),
}


@pytest.mark.parametrize(("data", "rules", "expected"), AMONG.values(), ids=AMONG)
def test_what_is_derived_in_more_than_one_pass(
    data: str, rules: tuple[str, ...], expected: set[str]
) -> None:
    derived, outcome, _ = run(data, *rules)
    assert expected <= set(derived)
    assert outcome.passes > 1


def test_what_negation_concluded_is_taken_back_when_things_turn_out_to_be_the_same() -> None:
    data = ":g { :p a owl:FunctionalProperty . :k :p :b , :c . :c a :Known . :b a :N . :d a :N }"
    derived, _, _ = run(data, "?x a :Stranger <- ?x a :N FILTER NOT EXISTS { ?x a :Known }")
    assert "d type Stranger" in derived
    assert "b type Stranger" not in derived


@pytest.mark.parametrize(
    ("data", "rule", "concluded"),
    [
        (
            ":x a :D . :D :below :C",
            "?d rdfs:subClassOf ?c <- ?d :below ?c . ?x a ?d FILTER NOT EXISTS { ?x a :C }",
            "subClassOf",
        ),
        (
            ":b :maybe :c . :c a :Known",
            "?b owl:sameAs ?c <- ?b :maybe ?c FILTER NOT EXISTS { ?b a :Known }",
            "sameAs",
        ),
    ],
)
def test_what_undoes_what_it_was_concluded_from_is_refused(
    data: str, rule: str, concluded: str
) -> None:
    message = rf"r0 .*concludes .*{concluded}.* from something's absence"
    with pytest.raises(ProgramError, match=message):
        run(f":g {{ {data} }}", rule)


def test_names_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (array_executor, sparql_executor):
        monkeypatch.setattr(module, "MOST_ROUNDS", 20)
    with pytest.raises(ProgramError, match="no end after 20 rounds of r0"):
        run(":g { :a :p :b }", '?n :p ?x <- ?x :p ?y BIND(IRI(CONCAT(STR(?x), "n")) AS ?n)')


def test_a_clash_tells_its_triples_and_the_axiom() -> None:
    _, outcome, _ = run(":g { :A owl:disjointWith :B . :a a :A , :B }")
    (clash,) = outcome.inconsistencies
    assert clash.rule == "cax-dw"
    assert sorted(str(t.object) for t in clash.triples) == [
        "<http://example.org/A>",
        "<http://example.org/B>",
    ]
    assert len(clash.axioms) == 1


def test_members_of_all_disjoint_classes_clash_pair_by_pair() -> None:
    data = """:g { [] a owl:AllDisjointClasses ; owl:members ( :A :B :C :D ) .
      :a a :A , :C . :b a :B }"""
    _, outcome, _ = run(data)
    assert [clash.rule for clash in outcome.inconsistencies] == ["cax-adc"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("?x :p ?z . ?z :q+ ?y", ["b r a", "b r x", "e r y"]),
        ("?x :p ?z . ?z :q+ ?y . ?x :s ?y", ["b r a", "b r x", "e r y"]),
        ("?x :s ?y . ?x :p ?z FILTER EXISTS { ?z :q+ ?y }", ["b r a", "b r x", "e r y"]),
        ("?x :s ?y FILTER NOT EXISTS { ?x :p ?z . ?z :q+ ?y . ?z :t ?w }", ["b r a", "b r x"]),
    ],
)
def test_a_path_may_end_in_a_literal(body: str, expected: list[str]) -> None:
    """In RDF a literal is no subject, so such a path is not walked from its end."""
    data = """:g {
      :b :p :c ; :s "x" , :a . :c :q "x" , :a .
      :e :p :f ; :s "y" . :f :q "y" ; :t :f .
    }"""
    derived, _, _ = run(data, f"?x :r ?y <- {body}")
    assert derived == expected


def test_the_example_of_the_readme_runs() -> None:
    path = Path(nhskg.reasoning.__file__).with_name("README.md")
    failed, tried = doctest.testfile(str(path), module_relative=False)
    assert (failed, tried > 5) == (0, True)
