"""What must be new for a rule of a recursive group to derive something new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import pyoxigraph as ox

from nhskg.reasoning.model import (
    TYPE,
    Bind,
    Exists,
    Filter,
    Group,
    Node,
    Pattern,
    Rule,
    walk_patterns,
)
from nhskg.reasoning.render import NEWS

__all__ = ["News", "Variant", "news_of", "with_news"]

Variant: TypeAlias = "Pattern | Node | None"
"""What must be new: a premise, anything about a subject, or (None) anything at all."""

_SUBJECT: Final = ox.NamedNode(NEWS + "subject")


@dataclass(frozen=True, slots=True)
class _Way:
    """A way in which a rule can derive something new, and the premises that it looks at."""

    variant: Variant
    premises: tuple[Pattern, ...]


class News:
    """What the rules of a recursive group have to be told of what a round derives.

    Of a triple that is a premise by itself, the triple, under a predicate of its own, so that no
    other premise matches it twice; of one that is a premise among several about one subject, the
    subject.

    Attributes:
        variants: of each rule what can be new for it.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        written = [pattern for rule in rules for pattern in rule.head]
        ways = {rule: _ways(rule, written) for rule in rules}
        self.variants = {rule: [way.variant for way in found] for rule, found in ways.items()}
        self._triples: list[Pattern] = []
        self._subjects: list[Pattern] = []
        for way in (way for found in ways.values() for way in found):
            alone = way.variant is None or isinstance(way.variant, Pattern)
            (self._triples if alone else self._subjects).extend(way.premises)

    def told(self, head: Iterable[Pattern]) -> list[Pattern]:
        """Return the triples that tell of a rule's conclusions."""
        told: list[Pattern] = []
        for pattern in head:
            if any(_is_fed(premise, [pattern]) for premise in self._subjects):
                told.append(news_of(pattern.subject))
            if any(_is_fed(premise, [pattern]) for premise in self._triples):
                named = isinstance(pattern.predicate, ox.NamedNode)
                told.append(news_of(pattern if named else pattern.subject))
        return list(dict.fromkeys(told))


def news_of(variant: Pattern | Node) -> Pattern:
    """Return the triple that tells that a premise, or something about a subject, is new."""
    if not isinstance(variant, Pattern):
        return Pattern(variant, TYPE, _SUBJECT)
    kind, predicate = variant.object, variant.predicate
    if predicate == TYPE and isinstance(kind, ox.NamedNode):
        return replace(variant, object=ox.NamedNode(NEWS + kind.value))
    assert isinstance(predicate, ox.NamedNode)
    return replace(variant, predicate=ox.NamedNode(NEWS + predicate.value))


def with_news(body: Group, variant: Pattern | Node) -> Group:
    """Return a body in which a premise, or something about a subject, must be new."""
    new = news_of(variant)
    if not isinstance(variant, Pattern):
        return Group((new, *body.elements))
    elements = _types_last(body, variant).elements
    return Group(tuple(new if element is variant else element for element in elements))


def _ways(rule: Rule, written: Sequence[Pattern]) -> list[_Way]:
    """Return what can be new for a rule, given what the rules of its group write.

    Several premises about one subject are one way: the subject. Not told apart is what is new
    inside EXISTS, UNION and the like, in a path, of a predicate that is not named, or about a name
    that BIND makes.
    """
    fed = [p for p in rule.body.patterns() if _is_fed(p, written)]
    nested = [
        p
        for element in rule.body.elements
        if not isinstance(element, Pattern | Filter)
        for p, negative, _ in walk_patterns(Group((element,)))
        if not negative and _is_fed(p, written)
    ]
    unnamed = any(isinstance(p.predicate, ox.Variable) for p in (*fed, *written))
    made = _made(rule.body)
    if nested or unnamed or any(p.closure or p.variables() & made for p in fed):
        return [_Way(None, (*fed, *nested))] if fed or nested else []
    found: list[_Way] = []
    for subject in dict.fromkeys(p.subject for p in fed):
        about = tuple(p for p in fed if p.subject == subject)
        found.append(_Way(about[0] if len(about) == 1 else subject, about))
    return found


def _is_fed(read: Pattern, written: Sequence[Pattern]) -> bool:
    wanted = (read.subject, read.helper or read.predicate, read.object)
    return any(
        all(
            isinstance(a, ox.Variable) or isinstance(b, ox.Variable) or a == b
            for a, b in zip((w.subject, w.predicate, w.object), wanted, strict=True)
        )
        for w in written
    )


def _made(body: Group) -> set[Node]:
    return {e.variable for e in body.elements if isinstance(e, Bind)}


def _types_last(body: Group, first: Pattern) -> Group:
    """Return a body whose class memberships are tests, so that none is matched before ``first``."""
    made = _made(body)
    others = [p for p in body.patterns() if p.predicate != TYPE and not p.variables() & made]
    bound = {v for p in others for v in p.variables()} | first.variables()
    return Group(
        tuple(
            Exists(Group((e,)), negated=False)
            if isinstance(e, Pattern)
            and e.predicate == TYPE
            and e is not first
            and e.variables() <= bound
            else e
            for e in body.elements
        )
    )
