"""What follows, kept up to date: the same as derived from nothing, after any change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

import pyoxigraph as ox
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nhskg.reasoning.domain import RuleText
from nhskg.reasoning.maintaining import Maintained, NotIncrementalError, maintain
from nhskg.reasoning.model import ProgramError
from nhskg.reasoning.program import compile_program
from nhskg.reasoning.reasoner import ValuesFound, read_axioms, reason
from nhskg.reasoning.render import SCRATCH
from nhskg.reasoning.stores import EmbeddedStore

from .programs import rules

E = "http://example.org/"
DERIVED = ox.NamedNode(E + "derived")
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
PREFIXES = f"PREFIX : <{E}>\n"
_AXIOMS = ox.parse(
    b"""
@prefix : <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:schema {
  :A rdfs:subClassOf :B . :t a owl:TransitiveProperty . :s a owl:SymmetricProperty .
  :p rdfs:subPropertyOf :q . :q rdfs:domain :D .
  :Both owl:intersectionOf ( :A [ owl:onProperty :q ; owl:someValuesFrom :B ] ) .
  :A owl:disjointWith :N .
}
""",
    format=ox.RdfFormat.TRIG,
)
SCHEMA = tuple(_AXIOMS)
PROGRAMS = [
    # join, and what must not be there
    ("?x :r ?z <- ?x :p ?y . ?y :q ?z", "?x :u ?y <- ?x :q ?y FILTER NOT EXISTS { ?x :r ?y }"),
    # recursion over a negated lower stratum
    (
        "?x :blocked ?y <- ?x :q ?y . ?y a :A",
        "?x :reach ?y <- ?x :p ?y FILTER NOT EXISTS { ?x :blocked ?y }",
        "?x :reach ?z <- ?x :reach ?y . ?y :p ?z FILTER NOT EXISTS { ?y :blocked ?z }",
    ),
    # names made of others, looked for again under negation
    (
        (
            "?n a :Made . ?n :of ?x . ?n :for ?y <- ?x :p ?y "
            'BIND(IRI(CONCAT("http://example.org/made/", STRAFTER(STR(?x), "org/"), '
            '".", STRAFTER(STR(?y), "org/"))) AS ?n)'
        ),
        (
            "?x :lacks ?y <- ?x :q ?y "
            'BIND(IRI(CONCAT("http://example.org/made/", STRAFTER(STR(?x), "org/"), '
            '".", STRAFTER(STR(?y), "org/"))) AS ?n) FILTER NOT EXISTS { ?n a :Made }'
        ),
    ),
    # one conclusion from two rules, and an optional part that names it
    (
        (
            "?n :of ?x . ?n a :Made <- ?x :p ?y OPTIONAL { ?x :c ?c } BIND(IRI(CONCAT("
            '"http://example.org/m/", STRAFTER(STR(?x), "org/"), '
            'IF(BOUND(?c), STRAFTER(STR(?c), "org/"), ""))) AS ?n)'
        ),
        "?n :of ?x <- ?n :q ?x",
    ),
    # paths, a join under negation inside negation, EXISTS in an expression
    (
        "?x :above ?y <- ?x :t+ ?y",
        "?x :at ?y <- ?x a :B . ?x :t* ?y",
        "?x :clear ?y <- ?x :p ?y FILTER NOT EXISTS { ?y :q ?z FILTER NOT EXISTS { ?z :t ?x } }",
        "?x :either ?y <- ?x :q ?y FILTER(?x = ?y || EXISTS { ?y :s ?x })",
    ),
    ("?x a :N <- ?x :p ?x", "?x a :B <- ?x :s ?y . ?y a :Both"),
    # one match, some of whose conclusions are no triples: of a literal, of what BIND cannot make
    (
        "?x :r ?y . ?y :k ?x <- ?x :p ?y",
        '?x :u ?y . ?x :v ?n <- ?x :q ?y BIND(IRI(CONCAT(STR(?y), IF(?y = :a, 1, ""))) AS ?n)',
    ),
    # a path that ends in a literal
    ("?x :r ?y <- ?x :p ?y FILTER NOT EXISTS { ?x :q+ ?y }", "?x :q ?y <- ?x :c ?y"),
    # names that are made of one other
    (
        "?x :lacks ?y <- ?x :p ?y BIND(?y AS ?n) FILTER NOT EXISTS { ?n :q ?x }",
        "?x :misses ?y <- ?x :p ?y BIND(IRI(?y) AS ?n) FILTER NOT EXISTS { ?n a :D }",
    ),
]
NOT_PROVIDED_FOR = {
    "optional under negation": (
        "?x :r ?y <- ?x :p ?y "
        "FILTER NOT EXISTS { ?y :q ?z OPTIONAL { ?z :c ?w } FILTER(BOUND(?w)) }"
    ),
    "what is optional asked for": (
        "?n :of ?x <- ?x :p ?y OPTIONAL { ?x :c ?c } FILTER NOT EXISTS { ?c :q ?z } "
        'BIND(IRI(CONCAT("http://example.org/m/", IF(BOUND(?c), STRAFTER(STR(?c), "org/"), "")))'
        " AS ?n)"
    ),
    "tested whether it is there": (
        "?x :r ?y <- ?x :p ?y BIND(EXISTS { ?y :s ?x } AS ?b) FILTER(?b)"
    ),
    "made of whether it is there": (
        "?x :r ?b <- ?x :p ?y BIND(IF(EXISTS { ?y :q ?x }, :yes, :no) AS ?b)"
    ),
    "a made name in a join": (
        '?x :lacks ?y <- ?x :q ?y BIND(IRI(CONCAT(STR(?x), "-")) AS ?n) '
        "FILTER NOT EXISTS { ?n a :Made . ?n :of ?z }"
    ),
    "a name made under negation": (
        "?x :lacks ?y <- ?x :q ?y "
        'FILTER NOT EXISTS { ?x :s ?z BIND(IRI(CONCAT(STR(?z), "-")) AS ?m) ?m a :Made }'
    ),
    "a made class": '?x a ?k <- ?x :p ?y BIND(IRI(CONCAT(STR(?y), "-")) AS ?k)',
}
NODES = st.sampled_from("abcd")
TRIPLES = st.one_of(
    st.tuples(NODES, st.sampled_from(["p", "q", "t", "s", "c"]), NODES),
    st.tuples(NODES, st.sampled_from(["p", "q", "c"]), st.sampled_from(['"x"', '"y"'])),
    st.tuples(NODES, st.just("a"), st.sampled_from(["A", "B", "D", "N"])),
    st.tuples(NODES, st.just("of"), NODES),
)
GRAPHS = st.sampled_from(["g1", "g2"])
QUADS = st.builds(lambda t, g: quad(t[0], t[1], t[2], g), TRIPLES, GRAPHS)


def quad(subject: str, predicate: str, value: str, graph: str) -> ox.Quad:
    verb = TYPE if predicate == "a" else ox.NamedNode(E + predicate)
    term = ox.Literal(value.strip('"')) if value.startswith('"') else ox.NamedNode(E + value)
    return ox.Quad(ox.NamedNode(E + subject), verb, term, ox.NamedNode(E + graph))


def texts(rules: Sequence[str]) -> list[RuleText]:
    found = []
    for number, rule in enumerate(rules):
        head, body = rule.split("<-")
        text = f"{PREFIXES}CONSTRUCT {{ {head} }} WHERE {{ {body} }}"
        found.append(RuleText(text, f"r{number}"))
    return found


def reasoned(quads: Iterable[ox.Quad], rules: Sequence[str]) -> tuple[ox.Store, bool]:
    store = ox.Store()
    store.extend([*SCHEMA, *quads])
    outcome = reason(EmbeddedStore(store), texts(rules), DERIVED, keep=True)
    return store, bool(outcome.inconsistencies)


def maintained(
    store: ox.Store, rules: Sequence[str], gone: Iterable[ox.Quad], came: Iterable[ox.Quad]
) -> Maintained:
    seam = EmbeddedStore(store)
    program = compile_program(read_axioms(seam), texts(rules), values_of=ValuesFound(seam))
    return maintain(program, store, DERIVED, gone, came)


def state(store: ox.Store) -> set[str]:
    return {str(each) for each in store}


def derived(store: ox.Store) -> set[ox.Triple]:
    return {each.triple for each in store.quads_for_pattern(None, None, None, DERIVED)}


@pytest.mark.parametrize("rules", PROGRAMS, ids=range(len(PROGRAMS)))
@settings(max_examples=60)
@given(
    first=st.sets(QUADS, max_size=9),
    changes=st.lists(
        st.tuples(st.sets(QUADS, max_size=3), st.sets(QUADS, max_size=3)), min_size=1, max_size=3
    ),
)
def test_after_changes_all_is_as_derived_from_nothing(
    rules: Sequence[str],
    first: set[ox.Quad],
    changes: list[tuple[set[ox.Quad], set[ox.Quad]]],
) -> None:
    """What is derived, what serves reasoning, and what is told of the difference."""
    asserted = set(first)
    store, wrong = reasoned(asserted, rules)
    for less, more in changes:
        gone, came = (less & asserted) - more, more - asserted
        asserted = (asserted - gone) | came
        before = derived(store)
        told = maintained(store, rules, gone, came)
        expected, wrong_now = reasoned(asserted, rules)
        assert state(store) == state(expected)
        assert set(told.gone) == before - derived(store)
        assert set(told.came) == derived(store) - before
        assert told.clashing or wrong or not wrong_now
        wrong = wrong_now


@settings(max_examples=100)
@given(
    program=st.lists(rules(), min_size=1, max_size=3),
    first=st.sets(QUADS, max_size=9),
    less=st.sets(QUADS, max_size=3),
    more=st.sets(QUADS, max_size=3),
)
def test_any_program_without_negation_is_kept_up_to_date(
    program: list[str], first: set[ox.Quad], less: set[ox.Quad], more: set[ox.Quad]
) -> None:
    try:
        store, _ = reasoned(first, program)
    except ProgramError as error:
        assume("no premise binds" not in str(error))
        raise
    asserted = (first - less) | more
    with suppress(NotIncrementalError):
        maintained(store, program, (first & less) - more, more - first)
        assert state(store) == state(reasoned(asserted, program)[0])


def test_what_nothing_bears_on_is_not_asked() -> None:
    rules = PROGRAMS[0]
    store, _ = reasoned([quad("a", "p", "b", "g1"), quad("b", "q", "c", "g1")], rules)
    asked: list[str] = []

    class Watched:
        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        def __contains__(self, each: ox.Quad) -> bool:
            return each in store

        def query(self, text: str, **options: object) -> object:
            if "sourceIndividual" not in text:  # denials are of any predicate
                asked.append(text)
            return store.query(text, **options)  # type: ignore[arg-type]

    seam = EmbeddedStore(store)
    program = compile_program(read_axioms(seam), texts(rules), values_of=ValuesFound(seam))
    maintain(program, Watched(), DERIVED, [], [quad("a", "note", "b", "g1")])  # type: ignore[arg-type]
    unconcerned = len(asked)
    maintain(program, Watched(), DERIVED, [], [quad("c", "q", "d", "g1")])  # type: ignore[arg-type]
    assert unconcerned == 0
    assert asked


def test_a_change_in_one_of_two_graphs_changes_nothing() -> None:
    rules = PROGRAMS[0]
    twice = [quad("a", "p", "b", "g1"), quad("a", "p", "b", "g2"), quad("b", "q", "c", "g1")]
    store, _ = reasoned(twice, rules)
    told = maintained(store, rules, twice[:1], [])
    assert (told.gone, told.came, told.clashing) == (frozenset(), frozenset(), False)


def test_what_is_asserted_now_is_no_longer_derived() -> None:
    rules = PROGRAMS[0]
    store, _ = reasoned([quad("a", "p", "b", "g1"), quad("b", "q", "c", "g1")], rules)
    new = quad("a", "r", "c", "g1")
    assert new.triple in derived(store)
    told = maintained(store, rules, [], [new])
    assert told.gone == {new.triple}
    assert new.triple not in derived(store)
    assert maintained(store, rules, [new], []).came == {new.triple}


@pytest.mark.parametrize(
    "came",
    [
        ox.Quad(
            ox.NamedNode(E + "A"),
            ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf"),
            ox.NamedNode(E + "C"),
            ox.NamedNode(E + "g1"),
        ),
        ox.Quad(ox.NamedNode(E + "a"), ox.NamedNode(E + "p"), ox.BlankNode(), DERIVED),
    ],
    ids=["axiom", "blank node"],
)
def test_what_cannot_be_followed_up_is_refused(came: ox.Quad) -> None:
    store, _ = reasoned([], PROGRAMS[0])
    with pytest.raises(NotIncrementalError):
        maintained(store, PROGRAMS[0], [], [came])


@pytest.mark.parametrize("rule", NOT_PROVIDED_FOR.values(), ids=NOT_PROVIDED_FOR)
def test_a_rule_that_is_not_provided_for_is_refused(rule: str) -> None:
    """What such a rule concludes could be missed, or taken for something else."""
    store, _ = reasoned([quad("a", "p", "b", "g1")], [rule])
    with pytest.raises(NotIncrementalError):
        maintained(store, [rule], [], [quad("b", "q", "c", "g1")])


@pytest.mark.parametrize("there", [(), (quad("a", "p", "b", "g1"),)], ids=["new", "known"])
def test_what_comes_to_be_the_same_is_refused(there: Sequence[ox.Quad]) -> None:
    rules = ["?x <http://www.w3.org/2002/07/owl#sameAs> ?y <- ?x :p ?y"]
    store, _ = reasoned(there, rules)
    with pytest.raises(NotIncrementalError):
        maintained(store, rules, [], [quad("c", "p", "d", "g1")])


def test_what_is_concluded_of_a_blank_node_is_refused() -> None:
    nameless = ox.Quad(
        ox.BlankNode(), ox.NamedNode(E + "p"), ox.NamedNode(E + "b"), ox.NamedNode(E + "g1")
    )
    store, _ = reasoned([nameless], PROGRAMS[0])
    with pytest.raises(NotIncrementalError):
        maintained(store, PROGRAMS[0], [], [quad("b", "q", "c", "g1")])


def test_what_serves_reasoning_is_kept_where_it_is_asked_for() -> None:
    store, _ = reasoned([quad("a", "t", "b", "g1"), quad("a", "a", "A", "g1")], PROGRAMS[4])
    assert list(store.quads_for_pattern(None, None, None, SCRATCH))
