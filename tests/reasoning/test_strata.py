"""Rules are ordered by what they read and write; negation in a cycle is refused."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from nhskg.rdf.sparql.algebra import ProgramError
from nhskg.rdf.sparql.render import construct_text
from nhskg.reasoning.program import Program, compile_program
from nhskg.reasoning.rule_normalization import RuleText

PREFIXES = """PREFIX : <http://example.org/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""


def program(*rules: str, schema: str = "") -> Program:
    """Compile rules given as ``head <- body``, named r0, r1 …, and a schema in Turtle."""
    turtle = PREFIXES.replace("PREFIX", "@prefix").replace(">\n", "> .\n") + schema
    texts = []
    for number, rule in enumerate(rules):
        head, body = rule.split("<-")
        texts.append(RuleText(f"{PREFIXES}CONSTRUCT {{ {head} }} WHERE {{ {body} }}", f"r{number}"))
    return compile_program(ox.parse(turtle.encode(), format=ox.RdfFormat.TURTLE), texts)


def order(made: Program) -> list[tuple[list[str], bool]]:
    return [(sorted({r.name for r in s.rules}), s.recursive) for s in made.strata]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (("?x :c ?y <- ?x :b ?y", "?x :b ?y <- ?x :a ?y"), [(["r1"], False), (["r0"], False)]),
        (
            ("?x :b ?z <- ?x :b ?y . ?y :b ?z", "?x :c ?y <- ?x :b ?y"),
            [(["r0"], True), (["r1"], False)],
        ),
        (
            ("?x :b ?y <- ?x :a ?y", "?x :a ?y <- ?x :b ?y", "?x :d ?y <- ?x :a ?y"),
            [(["r0", "r1"], True), (["r2"], False)],
        ),
        (("?x a :B <- ?x a :A", "?x a :C <- ?x a :D"), [(["r0", "r1"], False)]),
        (
            ("?x :c ?y <- ?x :a ?y FILTER NOT EXISTS { ?x :b ?y }", "?x :b ?y <- ?x :e ?y"),
            [(["r1"], False), (["r0"], False)],
        ),
    ],
    ids=["after what it reads", "recursive", "mutually recursive", "by class", "after negated"],
)
def test_the_order_of_rules(rules: tuple[str, ...], expected: list[tuple[list[str], bool]]) -> None:
    assert order(program(*rules)) == expected


@pytest.mark.parametrize(
    "negated",
    [
        "FILTER NOT EXISTS { ?x :b ?z }",
        "MINUS { ?x :b ?z }",
        "OPTIONAL { ?x :b ?z } FILTER(!BOUND(?z))",
        "FILTER(!EXISTS { ?x :b ?z })",
        "FILTER NOT EXISTS { ?x :b* :top }",
    ],
)
def test_negation_in_a_cycle_is_refused_and_the_cycle_named(negated: str) -> None:
    with pytest.raises(ProgramError) as refused:
        program(f"?x :c ?y <- ?x :a ?y {negated}", "?x :b ?y <- ?x :c ?y")
    assert "negation in a cycle" in str(refused.value)
    assert "r0" in str(refused.value)
    assert "r1" in str(refused.value)


def test_a_cycle_through_an_axiom_is_refused_too() -> None:
    with pytest.raises(ProgramError, match="cax-sco"):
        program(
            "?x a :A <- ?x :p ?y FILTER NOT EXISTS { ?x a :B }", schema=":A rdfs:subClassOf :B ."
        )


def test_a_variable_predicate_writes_anything() -> None:
    with pytest.raises(ProgramError, match="negation in a cycle"):
        program("?x ?p ?y <- ?r :says ?p . ?r :of ?x . ?r :to ?y FILTER NOT EXISTS { ?x :no ?y }")


def test_a_triple_about_a_thing_of_a_disjoint_class_feeds_nothing() -> None:
    rules = (
        (
            "?h a :New . ?h :plan ?p <- ?o a :Old . ?o :plan ?p . ?h :follows ?o "
            "FILTER NOT EXISTS { ?s a :Stated . ?s :plan ?p }"
        ),
    )
    apart = ":New owl:disjointWith :Stated . :Old owl:disjointWith :New ."
    assert order(program(*rules, schema=apart))[-1] == (["r0"], False)
    with pytest.raises(ProgramError, match="negation in a cycle"):
        program(*rules)


def test_disjointness_is_inherited_by_subclasses() -> None:
    rule = "?h a :N . ?h :p 1 <- ?h :q ?o FILTER NOT EXISTS { ?s a :S . ?s :p ?p . ?s :r ?h }"
    schema = ":N rdfs:subClassOf :N1 . :S rdfs:subClassOf :S1 . :N1 owl:disjointWith :S1 ."
    assert not any(recursive for _, recursive in order(program(rule, schema=schema)))


def test_a_range_that_repeats_a_premise_is_not_fed() -> None:
    """What is removed by a provision is a provision: nothing new follows of ?p."""
    rules = (
        "?o :removedBy ?p <- ?p a :Strong . ?p :of ?o",
        "?p a :Strong <- ?p a :Provision FILTER NOT EXISTS { ?p :gate ?g }",
    )
    schema = ":removedBy rdfs:range :Provision . :Strong rdfs:subClassOf :Provision . "
    with pytest.raises(ProgramError):
        program(rules[0].replace("?p a :Strong .", ""), rules[1], "?p :gate 1 <- ?p a :Provision . ?o :removedBy ?p FILTER NOT EXISTS { ?p a :Strong }", schema=schema)  # fmt: skip # noqa: E501
    made = program(*rules, schema=schema)
    assert not any(
        "r1" in names and recursive and "r0" in names for names, recursive in order(made)
    )


def text(program: Program) -> str:
    return "\n".join(construct_text(rule.head, rule.body) for rule in program.rules)


def test_optional_parts_that_only_add_are_rules_of_their_own() -> None:
    rule = (
        "?h :of ?o . ?h :limit ?l <- ?o :of ?b . ?o :heir ?h OPTIONAL { ?o :limit ?l } "
        "FILTER NOT EXISTS { ?o :gone 1 }"
    )
    made = program(rule)
    assert len(made.rules) == 2
    assert all("OPTIONAL" not in text(made) for _ in made.rules)
    with pytest.raises(ProgramError, match="negation in a cycle"):
        program(rule.replace("FILTER", "BIND(BOUND(?l) AS ?n) FILTER"))


def test_an_optional_part_that_decides_a_name_is_negative() -> None:
    made = program("?h :of ?o <- ?o :p ?b OPTIONAL { ?o :limit ?l } BIND(IRI(STR(?l)) AS ?h)")
    assert "OPTIONAL" in text(made)


def test_program_text_is_the_same_whatever_names_blank_nodes_have() -> None:
    schema = (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom [ owl:unionOf (:B :C) ] ] ."
    )
    assert text(program(schema=schema)) == text(program(schema=schema))


def test_equality_is_compiled_from_what_can_equate() -> None:
    assert not any(r.head[0].predicate.value.endswith("sameAs") for r in program().rules)
    made = program(schema=":p a owl:FunctionalProperty .")
    assert [r.name for r in made.rules] == ["prp-fp"]
