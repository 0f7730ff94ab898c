"""Small programs, drawn at random."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

__all__ = ["Drawn", "any_rules", "strata"]

PREDICATES = (":p", ":q", ":r", ":s")
CLASSES = (":A", ":B")
NAMES = st.sampled_from(["?x", "?y", "?x", "?y", "?z"])
_INDIVIDUALS = st.sampled_from([":a", ":b"])
_CONSTANTS = st.sampled_from([":a", ":b", '"x"'])
_LAST = 'IRI(CONCAT("http://example.org/m", REPLACE(STR({}), "^.*(.)$", "$1")))'
"""A name made of another's last letter, so that there are only so many."""

Reads = frozenset[tuple[str, bool]]
"""The predicates and classes that are read, each with whether under negation."""


@dataclass(frozen=True)
class Part:
    """A piece of a rule's body, with what it reads."""

    text: str
    reads: Reads = frozenset()

    def negated(self) -> Reads:
        return frozenset((name, True) for name, _ in self.reads)


@dataclass(frozen=True)
class Drawn:
    """A rule ``head <- body``, with what it writes and reads."""

    text: str
    writes: frozenset[str]
    reads: Reads


def _often(usual: st.SearchStrategy[str], other: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(usual, usual, usual, other)


@st.composite
def _triples(draw: st.DrawFn) -> Part:
    subject = draw(_often(NAMES, _INDIVIDUALS))
    kind = draw(
        st.sampled_from(["plain", "plain", "plain", "plain", "class", "class", "path", "classes"])
    )
    if kind == "classes":
        return Part(f"{subject} a ?k .", frozenset((name, False) for name in CLASSES))
    if kind == "class":
        name = draw(st.sampled_from(CLASSES))
        return Part(f"{subject} a {name} .", frozenset([(name, False)]))
    name = draw(st.sampled_from(PREDICATES))
    closure = draw(st.sampled_from("+*")) if kind == "path" else ""
    value = draw(_often(NAMES, _CONSTANTS))
    if closure == "*":  # of a term that occurs nowhere an engine may tell nothing
        subject, value = draw(NAMES), draw(NAMES)
    return Part(f"{subject} {name}{closure} {value} .", frozenset([(name, False)]))


@st.composite
def _tests(draw: st.DrawFn) -> Part:
    one, two = draw(NAMES), draw(st.one_of(NAMES, _CONSTANTS))
    form = draw(
        st.sampled_from(
            [
                "{} = {}",
                "{} != {}",
                "BOUND({})",
                "!BOUND({})",
                "isIRI({})",
                "{} IN ({}, :c)",
                "sameTerm({}, {})",
                "?k IN (:A, :B)",
                "?k = :A",
                "STR({}) < STR({})",
            ]
        )
    )
    return Part(f"FILTER({form.format(one, two)})")


@st.composite
def _bindings(draw: st.DrawFn) -> Part:
    one, new = draw(NAMES), draw(st.sampled_from(["?u", "?v", "?k"]))
    made = draw(
        st.sampled_from(
            [one, one, _LAST.format(one), ":a", '"x"', ":A", f"IF(BOUND({one}), {one}, :c)"]
        )
    )
    return Part(f"BIND({made} AS {new})")


@st.composite
def _tables(draw: st.DrawFn) -> Part:
    one, two = draw(NAMES), draw(NAMES)
    return Part(
        draw(
            st.sampled_from(
                [
                    f"VALUES {one} {{ :a :b }}",
                    f"VALUES {one} {{ :a }}",
                    "VALUES ?k { :A :B }",
                    f"VALUES ({one} ?v) {{ (:a :b) (UNDEF :a) }}",
                    f"VALUES ({one} {two}) {{ (:a :b) (:b :a) }}"
                    if one != two
                    else f"VALUES {one} {{ :b }}",
                ]
            )
        )
    )


@st.composite
def _nested(draw: st.DrawFn, depth: int) -> Part:
    kind = draw(
        st.sampled_from(
            ["NOT EXISTS", "OPTIONAL", "UNION", "MINUS", "EXISTS", "NOT EXISTS", "or", "in", "BIND"]
        )
    )
    inner = draw(groups(depth - 1))
    braced = f"{{ {inner.text} }}"
    if kind in ("NOT EXISTS", "EXISTS"):
        reads = inner.negated() if kind.startswith("NOT") else inner.reads
        return Part(f"FILTER {kind} {braced}", reads)
    if kind in ("OPTIONAL", "MINUS"):
        return Part(f"{kind} {braced}", inner.negated())
    if kind == "UNION":
        other = draw(groups(depth - 1))
        return Part(f"{braced} UNION {{ {other.text} }}", inner.reads | other.reads)
    if kind == "in":
        return Part(braced, inner.reads)
    one, two, word = draw(NAMES), draw(NAMES), draw(st.sampled_from(["", "NOT "]))
    if kind == "BIND":
        return Part(f"BIND(IF({word}EXISTS {braced}, {one}, :c) AS ?v)", inner.negated())
    return Part(f"FILTER({one} = {two} || {word}EXISTS {braced})", inner.negated())


@st.composite
def groups(draw: st.DrawFn, depth: int) -> Part:
    """Draw what stands between braces, with groups in it down to some depth."""
    others = [_triples(), _triples(), _tests(), _bindings(), _tables()]
    if depth > 0:
        others += [_nested(depth), _nested(depth), _nested(depth)]
    parts = [draw(_triples()), *draw(st.lists(st.one_of(others), max_size=3))]
    if draw(st.integers(0, 7)) == 7:
        parts.reverse()
    return Part(
        " ".join(part.text for part in parts), frozenset().union(*(part.reads for part in parts))
    )


@st.composite
def any_rules(draw: st.DrawFn, depth: int = 2) -> Drawn:
    """Draw a rule of any form, whose head has variables of its body."""
    body = draw(groups(depth))
    names = sorted(set(re.findall(r"\?[a-z]", body.text)) - {"?k"}) or [":a"]
    head, writes = [], set()
    for _ in range(draw(st.sampled_from([1, 1, 1, 2]))):
        subject = draw(st.sampled_from(names))
        written = draw(st.sampled_from([*PREDICATES, *PREDICATES, *CLASSES, "?k"]))
        if written in CLASSES or (written == "?k" and "?k" in body.text):
            head.append(f"{subject} a {written} .")
            writes |= set(CLASSES) if written == "?k" else {written}
            continue
        written = ":s" if written == "?k" else written
        head.append(f"{subject} {written} {draw(st.sampled_from(names))} .")
        writes.add(written)
    return Drawn(f"{' '.join(head)} <- {body.text}", frozenset(writes), body.reads)


def strata(program: Sequence[Drawn]) -> list[list[Drawn]] | None:
    """Return the rules in the order in which they run; None where negation is in a cycle."""
    level = dict.fromkeys((*PREDICATES, *CLASSES), 0)
    for _ in range(len(level) ** 2):
        before = dict(level)
        for rule in program:
            least = max((level[name] + negative for name, negative in rule.reads), default=0)
            least = max(least, *(level[name] for name in rule.writes))
            level.update(dict.fromkeys(rule.writes, least))
        if level == before:
            found: dict[int, list[Drawn]] = {}
            for rule in program:
                found.setdefault(max(level[name] for name in rule.writes), []).append(rule)
            return [found[number] for number in sorted(found)]
    return None
