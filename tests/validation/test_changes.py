"""After a change, what is validated anew and what is kept come to what a full run finds."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from benchmarks.generator import Settings, quads
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from nhskg import terms
from nhskg.building import assemble
from nhskg.graph.mapping import map_ontology
from nhskg.project import Project
from nhskg.reasoning.compiled_engine import CompiledEngine, read_rule_texts
from nhskg.validation import fast
from nhskg.validation.fast.changes import delta_of
from nhskg.validation.requirements import Shapes
from nhskg.validation.shacl import validate_changed, validate_whole
from nhskg.validation.validated import Validated, digest_of

from . import test_fast_components as of_components
from . import test_fast_queries as of_queries
from .both_engines import own_shapes, shapes_of
from .corpus import ROOT, SHAPES, base, examples, read
from .test_fast import broken_anew

EX = "https://example.org/"
TYPE = NamedNode(terms.RDF_TYPE)
DERIVED = NamedNode(terms.DERIVED_GRAPH)
G = NamedNode(EX + "g")
SETTINGS = settings(
    max_examples=150,
)


def iri(name: str) -> NamedNode:
    return NamedNode(EX + name)


def store_of(given_quads: Iterable[Quad]) -> Store:
    store = Store()
    store.extend(given_quads)
    return store


def changed(store: Store, state: Iterable[Quad]) -> fast.Changes:
    """Bring a store into a state, and return what that changes."""
    other = Store()
    other.extend(state)
    before, now = frozenset(store), frozenset(other)
    for each in before - now:
        store.remove(each)
    store.extend(now - before)
    return fast.Changes(before - now, now - before)


def check_chain(shapes: Shapes, states: Iterable[Iterable[Quad]]) -> None:
    """Check that each state, reached from the one before, has the findings of a full run."""
    store = Store()
    known = validate_whole(store, shapes)
    for state in states:
        changes = changed(store, state)
        known = validate_changed(store, shapes, changes, read_back(known))
        expected = validate_whole(store, shapes)
        assert known.findings == expected.findings
        assert of_all(known.found) == of_all(expected.found)
        assert known.unsure == expected.unsure


def read_back(known: Validated) -> Validated:
    """Return what was validated after it was written and read."""
    found = Validated.from_json(known.to_json())
    assert found is not None
    assert (found.shapes, found.unsure) == (known.shapes, known.unsure)
    return found


def of_all(found: Mapping[str, fast.Found]) -> dict[str, dict[str, list[str]]]:
    """Return results by shape and focus node, in an order of their own; empty ones left out."""
    return {
        shape: {focus: sorted(map(repr, each)) for focus, each in by_focus.items()}
        for shape, by_focus in found.items()
        if by_focus
    }


def whole(store: Store, division: fast.Division) -> fast.Outcome:
    source = fast.Source(store)
    asserted = fast.DataGraph(source, without=terms.DERIVED_GRAPH)
    return fast.run(division, fast.DataGraph(source), asserted)


def check_fast_chain(division: fast.Division, states: Iterable[Iterable[Quad]]) -> None:
    """Check what the fast engine finds in each state, without pySHACL."""
    store = Store()
    known = whole(store, division)
    for state in states:
        changes = changed(store, state)
        known = fast.run_again(division, store, changes, known.found, known.unsure)
        expected = whole(store, division)
        assert known.unsure == expected.unsure
        assert of_all(known.found) == of_all(expected.found)


@st.composite
def edited(draw: st.DrawFn, triples: st.SearchStrategy[Quad], most: int) -> list[list[Quad]]:
    """Draw a state, and what some edits make of it in turn."""
    states = [draw(st.lists(triples, min_size=most // 2, max_size=most))]
    for _ in range(draw(st.integers(1, 4))):
        dropped = draw(st.sets(st.integers(0, most), max_size=2))
        kept = [each for number, each in enumerate(states[-1]) if number not in dropped]
        states.append([*kept, *draw(st.lists(triples, max_size=2))])
    return states


@cache
def division_of_components() -> fast.Division:
    return fast.divide(of_components.shapes())


@cache
def division_of_queries() -> fast.Division:
    return fast.divide(of_queries.shapes())


EDGES = st.tuples(
    of_components.NODES,
    of_components.PREDICATES,
    st.one_of(of_components.NODES, of_components.NODES, of_components.LITERALS),
    of_components.GRAPHS,
)
COMPONENTS = st.one_of(EDGES, EDGES, of_components.TRIPLES).map(of_components.quads)
QUERIES = st.one_of(of_queries.TRIPLES, of_queries.TRIPLES, of_queries.ODD).map(of_queries.quads)


def is_of_hierarchy(each: Quad) -> bool:
    return each.predicate.value == terms.RDFS + "subClassOf"


def under_one_hierarchy(states: list[list[Quad]]) -> list[list[Quad]]:
    """Return states that all have the hierarchy of classes of the first."""
    hierarchy = [each for each in states[0] if is_of_hierarchy(each)]
    return [[*hierarchy, *(one for one in each if not is_of_hierarchy(one))] for each in states]


@SETTINGS
@given(edited(COMPONENTS, 20))
def test_core_components_after_edits(states: list[list[Quad]]) -> None:
    check_fast_chain(division_of_components(), under_one_hierarchy(states))


@SETTINGS
@given(edited(QUERIES, 24))
def test_sparql_constraints_after_edits(states: list[list[Quad]]) -> None:
    check_fast_chain(division_of_queries(), under_one_hierarchy(states))


@SETTINGS
@given(edited(st.one_of(COMPONENTS, QUERIES), 16))
def test_edits_of_the_hierarchy_of_classes(states: list[list[Quad]]) -> None:
    check_fast_chain(division_of_components(), states)
    check_fast_chain(division_of_queries(), states)


def edits(quads: list[Quad], rng: random.Random, number: int, size: int) -> Iterator[list[Quad]]:
    """Yield what edits make of quads: each changes a few, and takes most of the last one back."""
    kept = quads
    for _ in range(number):
        chosen = set(rng.sample(range(len(kept)), size))
        rest = [each for place, each in enumerate(kept) if place not in chosen]
        objects = [each.object for each in rng.sample(rest, 40)]
        few = [kept[place] for place in sorted(chosen)]
        yield [*rest, *broken_anew(few, rng, share=1, objects=objects)]
        kept = [*rest, *broken_anew(few, rng, share=0.3, objects=objects)]


def test_the_examples_after_edits() -> None:
    rng = random.Random(5)
    given_quads = sorted(
        {*base(), *(quad for each in examples() for quad in read(each.path, each.graph))}, key=str
    )
    check_chain(shapes_of(SHAPES), [given_quads, *edits(given_quads, rng, 12, 3)])


def test_each_example_added_and_taken_away() -> None:
    """What each example adds is found, and only that is gone when it goes."""
    store = Store()
    store.extend(base())
    division = fast.divide(shapes_of(SHAPES))
    start = known = whole(store, division)
    for example in examples():
        changes = changed(store, [*base(), *read(example.path, example.graph)])
        known = fast.run_again(division, store, changes, known.found, ())
        assert of_all(known.found) == of_all(whole(store, division).found)
    changes = changed(store, base())
    known = fast.run_again(division, store, changes, known.found, ())
    assert of_all(known.found) == of_all(start.found)


def test_barchester_after_edits(barchester: Project) -> None:
    own = sorted(assemble(barchester).store, key=str)
    check_chain(shapes_of(SHAPES), [own, *edits(own, random.Random(6), 12, 4)])


@cache
def generated() -> tuple[Quad, ...]:
    """Return a generated corpus, with the ontology and what is derived."""
    store = Store()
    store.extend(quads(Settings(130)))
    store.extend(map_ontology(ROOT / "ontology"))
    rules = read_rule_texts(ROOT / "ontology" / "rules")
    CompiledEngine(rules).derive(store, DERIVED)
    return tuple(sorted(store, key=str))


def test_a_generated_corpus_after_edits() -> None:
    rng = random.Random(7)
    ontology = NamedNode(terms.ONTOLOGY_GRAPH)
    rest = [each for each in generated() if each.graph_name == ontology]
    own = [each for each in generated() if each.graph_name != ontology]
    states = [[*rest, *each] for each in (own, *edits(own, rng, 12, 6))]
    check_chain(shapes_of(SHAPES), states)


def test_a_triple_that_another_graph_has_too_has_not_gone() -> None:
    quad = Quad(iri("a"), iri("p"), iri("b"), G)
    also = Quad(iri("a"), iri("p"), iri("b"), DERIVED)
    store = store_of([quad])
    gone = fast.Changes(frozenset({also}), frozenset())
    assert not delta_of(store, gone).all
    moved = fast.Changes(frozenset({also}), frozenset({quad}))
    assert not delta_of(store, moved).all
    asserted = delta_of(store, moved, without=terms.DERIVED_GRAPH)
    assert asserted.came == {(EX + "a", EX + "p", EX + "b")}
    assert not delta_of(store_of([quad, also]), fast.Changes(frozenset(), frozenset({also}))).all
    store = store_of([also])
    moved = fast.Changes(frozenset({quad}), frozenset({also}))
    assert delta_of(store, moved, without=terms.DERIVED_GRAPH).gone == asserted.came


def provision() -> NamedNode:
    """Return a provision of the generated corpus, in the middle of them."""
    kinds = [NamedNode(terms.NS + each) for each in ("Provision", "EffectiveProvision")]
    found = [{each.subject for each in generated() if each.object == kind} for kind in kinds]
    both = sorted(found[0] & found[1], key=str)
    chosen = both[len(both) // 2]
    assert isinstance(chosen, NamedNode)
    return chosen


def test_an_edit_of_one_provision_is_looked_at_where_it_is() -> None:
    """Shapes that it doesn't touch don't run; the others look at it, and at little else."""
    store = store_of(generated())
    division = fast.divide(shapes_of(SHAPES))
    known = whole(store, division)
    modality = NamedNode(terms.NS + "modality")
    (quad,) = store.quads_for_pattern(provision(), modality, None, None)
    changes = changed(store, set(store) - {quad})
    again = fast.run_again(division, store, changes, known.found, ())
    looked_at = {terms.local_name(each): count for each, count in again.looked_at.items() if count}
    assert looked_at == {"P-03": 1, "P-18": 1}
    assert sum(known.looked_at.values()) > 1_000
    assert of_all(again.found) == of_all(whole(store, division).found)


def test_nothing_is_looked_at_where_nothing_changed() -> None:
    store = store_of(generated())
    division = fast.divide(shapes_of(SHAPES))
    known = whole(store, division)
    again = fast.run_again(division, store, changed(store, generated()), known.found, ())
    assert not any(again.looked_at.values())
    assert of_all(again.found) == of_all(known.found)


def own_state(*triples: tuple[str, str, str]) -> list[Quad]:
    return [Quad(iri(s), TYPE if p == "a" else iri(p), iri(o), G) for s, p, o in triples]


def check_edit_and_back(
    shapes: Shapes,
    before: list[tuple[str, str, str]],
    now: list[tuple[str, str, str]],
    looked_at: int,
) -> None:
    """Check how many of the targets a1, a2 and a3 are looked at when triples come, and go."""
    division = fast.divide(shapes)
    assert not division.left
    targets = own_state(*((each, "a", "T") for each in ("a1", "a2", "a3")))
    store = store_of([*targets, *own_state(*before)])
    known = start = whole(store, division)
    for state in ([*before, *now], before):
        changes = changed(store, [*targets, *own_state(*state)])
        known = fast.run_again(division, store, changes, known.found, ())
        assert known.looked_at == {EX + "s": looked_at}
        assert of_all(known.found) == of_all(whole(store, division).found)
    assert of_all(known.found) == of_all(start.found)


@pytest.mark.parametrize(
    ("query", "before", "now", "looked_at"),
    [
        pytest.param(
            "$this ex:p ?b . ?b ex:q ?c . ?c ex:r ?d",
            [("a1", "p", "b"), ("a2", "p", "b"), ("a3", "p", "c"), ("b", "q", "c")],
            [("c", "r", "d")],
            2,
            id="joins",
        ),
        pytest.param(
            "$this ex:p ?b . FILTER NOT EXISTS { ?b ex:q ?c . ?c ex:r ?d }",
            [("a1", "p", "b"), ("a2", "p", "c"), ("b", "q", "c")],
            [("c", "r", "d")],
            1,
            id="probe",
        ),
        pytest.param(
            "$this ex:p ?b . { ?b ex:q ?c } UNION { ?c ex:q ?b } ?c ex:r ?d",
            [
                ("a1", "p", "b"),
                ("a2", "p", "c"),
                ("a3", "p", "d"),
                ("b", "q", "c"),
                ("c", "q", "d"),
            ],
            [("c", "r", "d")],
            2,
            id="by way of either branch",
        ),
        pytest.param(
            "FILTER NOT EXISTS { ?b (ex:q/ex:r)+ $this }",
            [("b", "q", "c"), ("c", "r", "a1"), ("a1", "q", "d"), ("a3", "q", "c")],
            [("d", "r", "a2")],
            1,
            id="paths",
        ),
        pytest.param(
            "$this ex:p/ex:q/ex:r ?d . ?d ex:p ?e",
            [
                ("a1", "p", "b"),
                ("a2", "q", "b"),
                ("b", "q", "c"),
                ("c", "r", "d"),
                ("a3", "p", "c"),
            ],
            [("d", "p", "e")],
            1,
            id="a sequence, from its end",
        ),
        pytest.param(
            "$this ex:p/ex:q/ex:r ?d . ?d ex:p ?e",
            [
                ("a1", "p", "b"),
                ("a2", "q", "b"),
                ("d", "p", "e"),
                ("c", "r", "d"),
                ("a3", "p", "c"),
            ],
            [("b", "q", "c")],
            1,
            id="a sequence, from its middle",
        ),
        pytest.param(
            "FILTER NOT EXISTS { ?b ex:p/ex:q $this }",
            [("b", "p", "d"), ("c", "q", "a1"), ("d", "q", "a2")],
            [("b", "p", "c")],
            1,
            id="a sequence, from its start",
        ),
        pytest.param(
            "$this ex:p ?b . ?c ex:r ?d",
            [("a1", "p", "b"), ("a2", "p", "b")],
            [("c", "r", "d")],
            3,
            id="not connected: all targets",
        ),
        pytest.param(
            "$this ex:p ?b . ?b ex:q ?c",
            [("a1", "p", "b"), ("b", "q", "c")],
            [("b", "r", "c")],
            0,
            id="not touched",
        ),
    ],
)
def test_a_query_is_asked_for_what_leads_to_the_change(
    query: str,
    before: list[tuple[str, str, str]],
    now: list[tuple[str, str, str]],
    looked_at: int,
    tmp_path: Path,
) -> None:
    shapes = own_shapes(
        tmp_path,
        f"""ex:s sh:targetClass ex:T ; sh:message "m" ; sh:sparql ex:q .
        ex:q sh:prefixes ex:prefixes ; sh:select "SELECT $this WHERE {{ {query} }}" .""",
    )
    check_edit_and_back(shapes, before, now, looked_at)


@pytest.mark.parametrize(
    ("path", "before", "now", "looked_at"),
    [
        ("ex:p", [("a1", "p", "b")], [("a1", "p", "c"), ("a2", "q", "b")], 1),
        ("[ sh:inversePath ex:p ]", [("b", "p", "a1")], [("c", "p", "a1"), ("a2", "p", "b")], 1),
        ("( ex:p ex:q )", [("a1", "p", "b"), ("a2", "p", "b")], [("b", "q", "a3")], 2),
        ("( ex:p ex:q )", [("b", "q", "c"), ("a2", "p", "d")], [("a1", "p", "b")], 1),
        (
            "[ sh:alternativePath ( ex:p ( ex:q ex:p ) ) ]",
            [("a1", "q", "b"), ("a2", "p", "b")],
            [("b", "p", "c")],
            1,
        ),
        (
            "[ sh:oneOrMorePath ex:p ]",
            [("a1", "p", "b"), ("b", "p", "c"), ("a3", "p", "d")],
            [("c", "p", "a2")],
            1,
        ),
        (
            "( [ sh:zeroOrMorePath ex:p ] ex:q )",
            [("a1", "p", "b"), ("b", "p", "c"), ("d", "p", "a3")],
            [("c", "q", "d")],
            1,
        ),
    ],
)
def test_a_path_is_walked_back_to_its_focus_nodes(
    path: str,
    before: list[tuple[str, str, str]],
    now: list[tuple[str, str, str]],
    looked_at: int,
    tmp_path: Path,
) -> None:
    shapes = own_shapes(
        tmp_path,
        f"""ex:s sh:targetClass ex:T ; sh:property ex:p .
        ex:p sh:path {path} ; sh:message "m" ; sh:maxCount 0 ; sh:nodeKind sh:Literal .""",
    )
    check_edit_and_back(shapes, before, now, looked_at)


def test_a_guard_that_came_to_be_broken_is_noticed_also_later(tmp_path: Path) -> None:
    """A shape whose query the two engines might read differently goes to pySHACL, and stays."""
    shapes = own_shapes(
        tmp_path,
        """ex:s sh:targetClass ex:T ; sh:message "m" ; sh:sparql ex:q .
        ex:q sh:prefixes ex:prefixes ;
        sh:select "SELECT $this WHERE { $this ex:n ?n . FILTER(?n > 1) }" .""",
    )
    seven = Literal("7", datatype=NamedNode(terms.XSD + "integer"))
    odd = Quad(iri("b"), iri("n"), Literal("x"), G)
    good = [Quad(iri("a"), TYPE, iri("T"), G), Quad(iri("c"), iri("n"), seven, G)]
    target = Quad(iri("c"), TYPE, iri("T"), G)
    check_chain(shapes, [good, [*good, odd], [*good, odd, target], [*good, target], good])
    store = store_of(good)
    known = validate_changed(
        store_of([*good, odd]),
        shapes,
        fast.Changes(frozenset(), frozenset({odd})),
        validate_whole(store, shapes),
    )
    assert known.unsure == {EX + "s"}


def test_other_shapes_are_run_as_a_whole(tmp_path: Path) -> None:
    first = own_shapes(
        tmp_path, 'ex:s sh:targetNode ex:a ; sh:message "m" ; sh:nodeKind sh:Literal .'
    )
    other = own_shapes(
        tmp_path, 'ex:s sh:targetNode ex:b ; sh:message "m" ; sh:nodeKind sh:Literal .'
    )
    store = store_of(own_state(("a", "p", "b")))
    nothing = fast.Changes(frozenset(), frozenset())
    for earlier in (validate_whole(store, first), validate_whole(store, other, engine="pyshacl")):
        found = validate_changed(store, other, nothing, earlier)
        assert [each.focus for each in found.findings if each.rule == "s"] == [EX + "b"]


def test_shapes_left_to_pyshacl_are_validated_anew(tmp_path: Path) -> None:
    shapes = own_shapes(
        tmp_path,
        """ex:s sh:targetClass ex:T ; sh:message "m" ; sh:closed true ; sh:nodeKind sh:IRI .
        ex:t sh:targetClass ex:T ; sh:message "n" ; sh:property [
          sh:path ex:p ; sh:maxCount 0 ; sh:message "o" ] .""",
    )
    one = own_state(("a", "a", "T"), ("b", "a", "T"))
    check_chain(shapes, [one, [*one, *own_state(("a", "p", "b"))], one])


def test_the_digest_of_shapes_is_of_what_they_say() -> None:
    shapes = shapes_of(SHAPES)
    names: dict[BlankNode, BlankNode] = {}

    def renamed(term: Any) -> Any:
        return names.setdefault(term, BlankNode()) if isinstance(term, BlankNode) else term

    again = [
        Triple(renamed(each.subject), each.predicate, renamed(each.object))
        for each in reversed(shapes.triples)
    ]
    assert names
    assert digest_of(Shapes(tuple(again))) == digest_of(shapes)
    for number in range(0, len(again), 97):
        less = Shapes(tuple(again[:number] + again[number + 1 :]))
        assert digest_of(less) != digest_of(shapes)


def test_what_was_kept_and_is_damaged_is_refused() -> None:
    quads_of_all = [quad for each in examples() for quad in read(each.path, each.graph)]
    text = validate_whole([*base(), *quads_of_all], shapes_of(SHAPES)).to_json()
    known = Validated.from_json(text)
    assert known is not None
    assert known.found
    assert known.to_json() == text
    content = json.loads(text)
    assert Validated.from_json(text[:-1]) is None
    assert Validated.from_json("") is None
    assert Validated.from_json("[]") is None
    for name in content:
        assert Validated.from_json(json.dumps({**content, name: 7})) is None
        less = {each: value for each, value in content.items() if each != name}
        assert Validated.from_json(json.dumps(less)) is None
    for row in ([-1, "a", None], [10_000, "a", None], [0, None, None], [0, "a"], "ab", 1):
        damaged = {**content, "found": {"s": {"a": [row]}}}
        assert Validated.from_json(json.dumps(damaged)) is None
    assert Validated.from_json(json.dumps({**content, "unsure": [1]})) is None
    assert (
        Validated.from_json(json.dumps({**content, "kinds": [["a", "b", "c", "d", "e", "f"]]}))
        is None
    )
