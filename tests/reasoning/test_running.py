"""What a program derives in a store: the fixpoint, and nothing that stands there already."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nhskg.rdf.sparql.algebra import ProgramError
from nhskg.reasoning import array_executor, sparql_executor
from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.reasoner import Outcome, choose_executor, reason
from nhskg.reasoning.sparql_executor import EmbeddedStore, SparqlExecutor

from .programs import rules

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


def test_data_are_the_union_of_the_named_graphs() -> None:
    derived, _, _ = run(":g1 { :a :p :b } :g2 { :b :q :c }", "?x :r ?z <- ?x :p ?y . ?y :q ?z")
    assert derived == ["a r c"]


def test_nothing_asserted_is_derived_again() -> None:
    data = ":g { :a :p :b , :c . :a :q :b . :a a :T }"
    derived, _, _ = run(data, "?x :q ?y . ?x a :T . ?x :s ?y <- ?x :p ?y")
    assert derived == ["a q c", "a s b", "a s c"]


def test_nothing_that_serves_reasoning_is_left() -> None:
    data = """:g { :a :p :b . :b :p :c . :A owl:intersectionOf ( [ owl:onProperty :p ;
      owl:someValuesFrom owl:Thing ] [ owl:unionOf ( :B :C ) ] ) .
      :a a :B . :q a owl:TransitiveProperty . :a :q :b . :b :q :c }"""
    derived, _, store = run(data, "?x :far ?y <- ?x :p* ?y . ?x :p ?z")
    assert derived == ["a far a", "a far b", "a far c", "a q c", "a type A", "b far b", "b far c"]
    assert {str(g) for g in store.named_graphs()} <= {"<http://example.org/g>", str(DERIVED)}


def test_recursion_reaches_the_end_of_a_long_chain() -> None:
    length = 40
    data = " . ".join(f":n{i} :next :n{i + 1}" for i in range(length))
    rules = ("?x :before ?y <- ?x :next ?y", "?x :before ?z <- ?x :before ?y . ?y :before ?z")
    derived, _, _ = run(f":g {{ {data} }}", *rules)
    assert len(derived) == length * (length + 1) // 2


def test_recursion_through_several_premises_about_one_subject() -> None:
    """The name, the kind and the value of a holding are new in the same or in different rounds."""
    data = ":g { :h0 a :H ; :v 1 . :h0 :next :h1 . :h1 :next :h2 . :h2 :next :h3 . :h3 a :H }"
    rules = ("?n a :H . ?n :v ?v <- ?h a :H . ?h :v ?v . ?h :next ?n",)
    derived, _, _ = run(data, *rules)
    assert derived == ["h1 type H", "h1 v 1", "h2 type H", "h2 v 1", "h3 v 1"]


def test_negation_is_over_what_is_complete() -> None:
    data = ":g { :a :p :b . :b :p :c . :a a :N . :b a :N . :c a :N }"
    rules = (
        "?x a :Last <- ?x a :N FILTER NOT EXISTS { ?x :after ?y . ?y a :N }",
        "?x :after ?y <- ?x :p ?y",
    )
    derived, _, _ = run(data, *rules)
    assert derived == ["a after b", "b after c", "c type Last"]


def test_axioms_that_rules_derive_are_compiled_in() -> None:
    data = ":g { :C :narrower :D . :D :narrower :E . :a a :E }"
    derived, outcome, _ = run(data, "?d rdfs:subClassOf ?c <- ?c :narrower ?d")
    assert {"a type D", "a type C"} <= set(derived)
    assert outcome.passes == 2


def test_axioms_that_follow_from_axioms_about_axioms() -> None:
    data = ":g { :isA rdfs:subPropertyOf rdfs:subClassOf . :C :isA :D . :a a :C }"
    derived, _, _ = run(data)
    assert "a type D" in derived


def test_what_negation_concluded_is_taken_back_when_an_axiom_is_found() -> None:
    data = ":g { :D :below :C . :a a :D . :b a :E }"
    rules = (
        "?d rdfs:subClassOf ?c <- ?d :below ?c",
        "?x a :Stranger <- ?x a ?any . VALUES ?any { :D :E } FILTER NOT EXISTS { ?x a :C }",
    )
    derived, _, _ = run(data, *rules)
    assert derived == ["D subClassOf C", "a type C", "b type Stranger"]


def test_equality_found_while_reasoning_is_reasoned_with() -> None:
    data = ":g { :p a owl:FunctionalProperty . :a :p :b , :c . :b :q 1 . :d :r :c }"
    derived, _, _ = run(data)
    assert {"c q 1", "d r b", "b sameAs c", "c sameAs b"} <= set(derived)


def test_what_is_the_same_late_is_seen_by_rules_that_ran_before() -> None:
    """Each equality lets a chain be seen, from which the next equality follows."""
    data = """:g { :x owl:sameAs :y . :p a owl:FunctionalProperty .
      :s owl:propertyChainAxiom ( :q :r ) . :s rdfs:subPropertyOf :p .
      :k :p :b , :c . :a :q :b ; :p :e . :c :r :d . :e :likes :f }"""
    derived, outcome, _ = run(data)
    assert {"a s d", "a p d", "d sameAs e", "d likes f"} <= set(derived)
    assert outcome.passes > 2


def test_what_negation_concluded_is_taken_back_when_things_turn_out_to_be_the_same() -> None:
    data = ":g { :p a owl:FunctionalProperty . :k :p :b , :c . :c a :Known . :b a :N . :d a :N }"
    derived, _, _ = run(data, "?x a :Stranger <- ?x a :N FILTER NOT EXISTS { ?x a :Known }")
    assert "d type Stranger" in derived
    assert "b type Stranger" not in derived


def test_an_axiom_that_undoes_what_it_was_concluded_from_is_refused() -> None:
    data = ":g { :x a :D . :D :below :C }"
    rule = "?d rdfs:subClassOf ?c <- ?d :below ?c . ?x a ?d FILTER NOT EXISTS { ?x a :C }"
    with pytest.raises(ProgramError, match=r"r0 .*concludes .*from something's absence"):
        run(data, rule)


def test_an_equality_that_undoes_what_it_was_concluded_from_is_refused() -> None:
    data = ":g { :b :maybe :c . :c a :Known }"
    rule = "?b owl:sameAs ?c <- ?b :maybe ?c FILTER NOT EXISTS { ?b a :Known }"
    with pytest.raises(ProgramError, match=r"r0 .*concludes .*sameAs"):
        run(data, rule)


def test_predicates_that_a_rule_writes_are_looked_up_in_the_data() -> None:
    data = """:g { :x :says :likes ; :of :a ; :to :b . :y :says :hates ; :of :a ; :to :b .
      :a :no :b . :hates a :Bad }"""
    rule = "?s ?p ?o <- ?r :says ?p . ?r :of ?s . ?r :to ?o FILTER NOT EXISTS { ?p a :Bad }"
    derived, _, _ = run(data, rule)
    assert derived == ["a likes b"]


def test_predicates_that_turn_up_only_while_reasoning() -> None:
    data = ":g { :x :tells :likes ; :of :a ; :to :b }"
    rules = ("?s ?p ?o <- ?r :says ?p . ?r :of ?s . ?r :to ?o", "?r :says ?p <- ?r :tells ?p")
    derived, _, _ = run(data, *rules)
    assert derived == ["a likes b", "x says likes"]


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


def test_a_derived_path_may_end_in_a_literal() -> None:
    """Also where the path grows in the same recursive group."""
    data = ':g { :b :p :c . :c :t "x" . :c :q :a }'
    derived, _, _ = run(
        data,
        "?x :r ?y <- ?x :p ?z . ?z :q+ ?y",
        "?z :q ?y <- ?x :r ?a . ?x :p ?z . ?z :t ?y",
    )
    assert derived == ["b r a", "b r x", "c q x"]


def test_a_path_of_no_steps_may_stand_at_a_literal() -> None:
    derived, _, _ = run(':g { :b :p "x" . :c :q :d }', "?x :r ?y <- ?x :p ?z . ?z :q* ?y")
    assert derived == ["b r x"]


def test_a_triple_term_is_no_subject() -> None:
    data = ":g { :a :p <<( :x :y :z )>> . :p rdfs:range :C . :q owl:inverseOf :p . :b :p :c }"
    derived, _, _ = run(data, "?y a :T <- ?x :p ?y")
    assert derived == ["c q b", "c type C", "c type T"]


def test_a_class_or_predicate_that_is_the_subject_too() -> None:
    derived, _, _ = run(":g { :a :p :a . :b :p :c }", "?x a ?x <- ?x :p ?x", "?x ?x ?y <- ?x :p ?y")
    assert derived == ["a a a", "a type a", "b b c"]


def test_negation_beside_an_equality_of_names_that_a_rule_makes() -> None:
    data = ":g { :a :name 'x' . :z :unk :y }"
    rules = (
        "?n owl:sameAs ?x <- ?x :name ?v BIND(IRI(CONCAT('http://example.org/', ?v)) AS ?n)",
        "?x a :T <- ?x :unk ?y FILTER NOT EXISTS { ?x :q ?y }",
    )
    derived, _, _ = run(data, *rules)
    assert derived == ["a sameAs x", "x name x", "x sameAs a", "x sameAs x", "z type T"]


def test_a_predicate_that_is_the_same_as_a_relation_of_the_schema() -> None:
    derived, _, _ = run(":g { :sub owl:sameAs rdfs:subClassOf . :A :sub :B . :x a :A }")
    assert {"A subClassOf B", "x type B"} <= set(derived)


@settings(max_examples=200)
@given(
    program=st.lists(rules(), min_size=1, max_size=3),
    triples=st.lists(
        st.tuples(
            st.sampled_from([":a", ":b", ":c"]),
            st.sampled_from([":p", ":q", ":r"]),
            st.sampled_from([":a", ":b", ":c", '"x"', '"y"']),
        ),
        max_size=6,
    ),
)
def test_rules_without_negation_derive_their_least_fixpoint(
    program: list[str], triples: list[tuple[str, str, str]]
) -> None:
    """What asking each rule again and again derives, until there is nothing new."""
    data = [f"{s} {p} {o} ." for s, p, o in triples]
    store = ox.Store()
    store.update(f"{PREFIXES}INSERT DATA {{ {' '.join(data)} }}")
    size = -1
    while size < len(store):
        size = len(store)
        for rule in program:
            head, body = rule.split("<-")
            found = store.query(f"{PREFIXES}CONSTRUCT {{ {head} }} WHERE {{ {body} }}")
            assert isinstance(found, ox.QueryTriples)
            store.extend([ox.Quad(*triple) for triple in found])
    try:
        _, _, reasoned = run(f":g {{ {' '.join(data)} }}", *program)
    except ProgramError as error:
        assume("no premise binds" not in str(error))
        raise
    assert {str(quad.triple) for quad in reasoned} == {str(quad.triple) for quad in store}
