"""Programs of any form, with negation: what SPARQL says of each rule, stratum by stratum."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyoxigraph as ox
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nhskg.rdf.sparql.algebra import ProgramError

from .programs import Drawn, any_rules, strata
from .test_running import PREFIXES, run

GRAPHS = st.sampled_from([":g", ":h"])
NODES = st.sampled_from([":a", ":b", ":c"])
TRIPLES = st.one_of(
    st.tuples(
        NODES,
        st.sampled_from([":p", ":q", ":r", ":s"]),
        st.sampled_from([":a", ":b", ":c", ":a", ":b", ":c", '"x"', '"y"']),
    ),
    st.tuples(NODES, st.just("a"), st.sampled_from([":A", ":B"])),
)
PROGRAMS = st.one_of(
    st.lists(any_rules(1), min_size=1, max_size=3), st.lists(any_rules(2), min_size=1, max_size=2)
)
NOT_DERIVED = ("no premise binds", "no match can bind", "is bound after", "is bound before")
"""What rules are refused for that SPARQL allows."""


def as_sparql_says(data: str, strata: Sequence[Sequence[str]]) -> set[str]:
    """Return all triples once no rule of a stratum derives more, one stratum after another."""
    store = ox.Store()
    store.update(f"{PREFIXES}INSERT DATA {{ {data} }}")
    for rules in strata:
        size = -1
        while size < len(store):
            size = len(store)
            for rule in rules:
                store.extend([ox.Quad(*triple) for triple in constructed(store, rule)])
    return {str(quad.triple) for quad in store}


def constructed(store: ox.Store, rule: str) -> list[ox.Triple]:
    head, body = rule.split("<-")
    found = store.query(f"{PREFIXES}CONSTRUCT {{ {head} }} WHERE {{ {body} }}")
    assert isinstance(found, ox.QueryTriples)
    return list(found)


def assume_sparql(program: Sequence[Drawn]) -> None:
    """Leave out what is no SPARQL."""
    try:
        for rule in program:
            constructed(ox.Store(), rule.text)
    except SyntaxError:
        assume(False)


@settings(max_examples=200)
@given(program=PROGRAMS, facts=st.lists(st.tuples(TRIPLES, GRAPHS), min_size=3, max_size=14))
def test_a_program_of_any_form_derives_what_sparql_says(
    program: list[Drawn], facts: list[tuple[tuple[str, str, str], str]]
) -> None:
    assume_sparql(program)
    told = [(" ".join(t), g) for t, g in facts]
    layers = strata(program)
    try:
        _, _, store = run(
            " ".join(f"{graph} {{ {triple} }}" for triple, graph in told),
            *(rule.text for rule in program),
        )
    except ProgramError as error:
        assume(not any(reason in str(error) for reason in NOT_DERIVED))
        if layers is None and "negation in a cycle" in str(error):
            return
        raise
    found = {str(quad.triple) for quad in store}
    if layers is None:  # predicates and classes are told apart more finely by the program
        union = ox.Store()
        union.extend([ox.Quad(*quad.triple) for quad in store])
        for rule in program:
            assert {str(triple) for triple in constructed(union, rule.text)} <= found
        return
    data = " ".join(f"{triple} ." for triple, _ in told)
    assert found == as_sparql_says(data, [[rule.text for rule in layer] for layer in layers])


# -- what random programs have shown

DATA = """
:a :p :b , :c . :b :q :c ; :r :a . :c :s :d ; :r :c . :a :r :e . :d :p :b ; :q :a . :e :s :c .
:a a :A . :b a :B .
"""
CASES = {
    "a premise about what BIND makes": "?x :t ?v <- ?x :p ?y BIND(?y AS ?v) ?v :q ?z",
    "a test for a join with what BIND makes": (
        "?x :t ?v <- ?x :p ?y BIND(?y AS ?v) FILTER EXISTS { ?v :q ?w . ?w :s ?z }"
    ),
    "a test for no join with what BIND makes": (
        "?x :t ?v <- ?x :p ?y BIND(?x AS ?v) "
        "FILTER NOT EXISTS { ?v :r ?w . ?w :s ?z FILTER(?z != ?y) }"
    ),
    "no join with what BIND fails to make": (
        "?x :t ?y <- ?x :p ?y BIND(IRI(CONCAT(STR(?y), 1)) AS ?v) "
        "FILTER NOT EXISTS { ?v :q ?w . ?w :r ?z }"
    ),
    "a constant that MINUS shares": "?x :t ?y <- ?x :p ?y BIND(:c AS ?v) MINUS { ?v :r ?z }",
    "a constant that a branch does not see": (
        "?x :t ?y <- ?x :p ?y BIND(:a AS ?v) { ?y :q ?z FILTER(?v = :a) } UNION { ?y :o ?z }"
    ),
    "a constant that is tested to be bound": "?x :t ?v <- ?x :p ?y BIND(:a AS ?v) FILTER BOUND(?v)",
    "a literal as a subject": '?x :t ?y <- ?x :p ?y BIND("x" AS ?v) ?v :q ?z',
    "a class that MINUS shares": "?x :t ?k <- ?x a ?k VALUES ?k { :A :B } MINUS { ?z :is ?k }",
    "a name and a table of its values": "?x a ?k <- ?x :p ?y BIND(?y AS ?k) VALUES ?k { :b }",
    "braces in braces": "?x :t ?z <- ?x :p ?y { { ?y :q ?z FILTER(BOUND(?x)) } }",
    "no join, tested with what is optional": (
        "?x :t ?y <- ?x :p ?y OPTIONAL { ?y :q ?z } "
        "FILTER NOT EXISTS { ?x :r ?w . ?w :s ?v FILTER(?v = ?z) }"
    ),
    "a join with what is optional": (
        "?x :t ?z <- ?x :p ?y OPTIONAL { ?y :s ?z } FILTER EXISTS { ?z :r ?w . ?w :r ?v }"
    ),
    "a table after an optional part": (
        "?x :t ?y <- ?x :p ?y OPTIONAL { ?y :q ?z } VALUES ?z { :a }"
    ),
    "a class that BIND makes and a premise names": (
        "?x a ?k <- ?x :p ?y BIND(?y AS ?k) ?y :q ?w . ?z a ?k"
    ),
    "any predicate, and a path elsewhere": "?x :t ?p <- ?x ?p ?y . ?x :p+ ?z",
    "an optional part under negation": (
        "?x :t ?y <- ?x :p ?y "
        "FILTER NOT EXISTS { ?y :q ?z OPTIONAL { ?z :s ?w } FILTER(BOUND(?w)) }"
    ),
    "a name made of what is optional, and a test for no join with it": (
        "?n :t ?x <- ?x :p ?y OPTIONAL { ?x :r ?c } FILTER NOT EXISTS { ?c :q ?z } "
        'BIND(IRI(CONCAT("http://example.org/m/", IF(BOUND(?c), STRAFTER(STR(?c), "org/"), "")))'
        " AS ?n)"
    ),
    "a variable made of EXISTS": "?x :t ?y <- ?x :p ?y BIND(EXISTS { ?y :q ?z } AS ?b) FILTER(?b)",
    "EXISTS within IF": "?x :t ?b <- ?x :p ?y BIND(IF(EXISTS { ?y :q ?z }, :a, :b) AS ?b)",
    "EXISTS within a disjunction": "?x :t ?y <- ?x :p ?y FILTER(?x = ?y || EXISTS { ?y :s ?z })",
    "negation within negation": (
        "?x :t ?y <- ?x :p ?y FILTER NOT EXISTS { ?y :q ?z FILTER NOT EXISTS { ?z :s ?w } }"
    ),
    "a name made under negation": (
        "?x :t ?y <- ?x :p ?y "
        'FILTER NOT EXISTS { ?x :r ?z BIND(IRI(CONCAT(STR(?z), "")) AS ?m) ?m :s ?w }'
    ),
    "a class that BIND makes": '?x a ?k <- ?x :p ?y BIND(IRI(CONCAT(STR(?y), "-")) AS ?k)',
}


@pytest.mark.parametrize("rule", CASES.values(), ids=CASES)
def test_a_form_means_what_sparql_says(rule: str) -> None:
    _, _, store = run(f":g {{ {DATA} }}", rule)
    assert {str(quad.triple) for quad in store} == as_sparql_says(DATA, [[rule]])


FOUND: list[tuple[str, list[str]]] = [
    (
        ":a :p :b ; :s :w . :u :q :w",
        ["?x :t ?y <- ?x :p ?y MINUS { ?x :s ?w { ?u :q ?v FILTER(?w = ?v) } }"],
    ),
    (":b :p :k", ["?y :t ?x <- ?y :p :k OPTIONAL { ?y :q ?z FILTER(?x = ?z) } VALUES ?x { :c }"]),
    (
        ":a :p :k . :d :q :b",
        ["?x :t ?z <- ?z :p :k { ?x :q :b OPTIONAL { ?y :r ?y FILTER(sameTerm(?z, ?x)) } }"],
    ),
    (
        ":b :p :c ; :s :c . :a :p 5 ; :s :c",
        ["?x :t ?z <- ?x :p ?y BIND(IRI(?y) AS ?z) ?x :s ?z VALUES ?z { :c }"],
    ),
    (
        ":a :p :b ; :s :c",
        ["?x :t ?z <- ?x :p ?y OPTIONAL { ?y :q ?z } OPTIONAL { VALUES ?z { :b :c } ?x :s ?z }"],
    ),
    (
        ":a :p :b . :a :r :b",
        [
            """?x :t ?z <- ?x :p ?y OPTIONAL { ?y :q ?z }
            { VALUES ?z { :a } } UNION { ?a :r ?b FILTER(?x = ?a) }"""
        ],
    ),
    (
        ":a :p :c . :e :r :u . :f :s :u",
        [
            """?x :t ?y <- ?x :p ?y OPTIONAL { ?y :q ?z }
            FILTER EXISTS { ?a :r ?z { ?b :s ?c FILTER(?c = ?z) } }"""
        ],
    ),
    (':a :p "x" . :k :q :l', ['?x :t ?y <- ?x :p ?y { ?a :q ?b BIND("x" AS ?y) }']),
    # a path of classes is followed while classes grow
    (
        ":D a :C . :a a :D ; :n :b . :b :n :c .",
        ["?x :t ?x <- ?x a+ :C", "?y a :D <- ?x :t ?x . ?x :n ?y"],
    ),
    # a rule that tells a class of a subject, and something else, too
    (":a a :A ; :q :b .", ["?x a :A . ?y :s ?x <- ?x :p ?y", "?x :p ?z <- ?x a :A . ?x :q ?z"]),
    # any class is none that serves reasoning
    (
        ":a :p :b ; :q :a ; a :A . :b :q :c ; a :A .",
        ["?y :p ?x . ?y :s ?k <- ?x :p ?y . ?x :q ?z . ?y a ?k", "?x :q ?y <- ?x :p ?y"],
    ),
]
"""What a reading of the evaluator has shown: the data, and the rules."""


@pytest.mark.parametrize(("data", "rules"), FOUND)
def test_a_group_sees_what_it_should(data: str, rules: list[str]) -> None:
    _, _, store = run(f":g {{ {data} }}", *rules)
    assert {str(quad.triple) for quad in store} == as_sparql_says(data, [rules])


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        ("?x :t ?z <- ?x :p ?y MINUS { ?x :r ?z } ?y :q ?z", "?z is bound after MINUS"),
        ("?x :t ?z <- ?x :p ?y OPTIONAL { ?x :r ?z } ?y :q ?z", "?z is bound after OPTIONAL"),
        ("?x :t ?v <- ?x :p ?y BIND(STR(?z) AS ?v) ?y :q ?z", "?z is bound after BIND"),
        ("?x :t ?y <- ?x :p ?y BIND(:a AS ?y)", "?y is bound before the BIND that makes it"),
    ],
)
def test_a_rule_in_which_the_order_counts_is_refused(rule: str, part: str) -> None:
    with pytest.raises(ProgramError, match=f"r0 .*{re.escape(part)}"):
        run(f":g {{ {DATA} }}", rule)
