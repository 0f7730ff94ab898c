"""What a validation came to, so that the next one need look only at what has changed since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pyoxigraph import BlankNode, NamedNode

from nhskg.validation.findings import Finding
from nhskg.validation.requirements import Shapes, Term
from nhskg.validation.results import Violated

__all__ = ["Validated", "digest_of"]

_VERSION: Final = 1

_Found = Mapping[str, tuple[Violated, ...]]


@dataclass(frozen=True)
class Validated:
    """What a validation came to.

    Attributes:
        shapes: the digest of the shapes; nothing where another engine ran than the fast one.
        found: the results of each shape that the fast engine validates, by focus node.
        unsure: the shapes that it left to another engine because of the data.
        findings: what stands against the graph, in order of place; it is not kept, as places move.
    """

    shapes: str | None
    found: Mapping[str, _Found]
    unsure: frozenset[str]
    findings: tuple[Finding, ...] = field(default=(), compare=False)

    def to_json(self) -> str:
        """Return what a later validation needs to know, as JSON."""
        kinds: dict[tuple[Any, ...], int] = {}
        found = {}
        for shape, by_focus in self.found.items():
            rows: dict[str, list[list[Any]]] = {}
            for target, results in by_focus.items():
                for each in results:
                    number = kinds.setdefault(_kind(each), len(kinds))
                    rows.setdefault(target, []).append([number, each.focus, each.value])
            if rows:
                found[shape] = rows
        content = {
            "version": _VERSION,
            "shapes": self.shapes,
            "unsure": sorted(self.unsure),
            "kinds": list(kinds),
            "found": found,
        }
        return json.dumps(content, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Validated | None:
        """Return what :meth:`to_json` wrote, without its findings.

        Returns:
            What was kept; nothing where the text is damaged, or of another version.
        """
        try:
            content = json.loads(text)
            if content["version"] != _VERSION:
                return None
            kinds = [_kind_of(*each) for each in content["kinds"]]
            found = {
                str(shape): {
                    str(target): tuple(_violated(kinds, *each) for each in results)
                    for target, results in by_focus.items()
                }
                for shape, by_focus in content["found"].items()
            }
            shapes, unsure = content["shapes"], frozenset(map(_text, content["unsure"]))
            return cls(None if shapes is None else _text(shapes), found, unsure)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            return None


def _kind(each: Violated) -> tuple[Any, ...]:
    """Return what many results have in common."""
    return each.shape, each.severity, each.component, each.messages, each.path, each.predicate


def _kind_of(
    shape: object,
    severity: object,
    component: object,
    messages: object,
    path: object,
    predicate: object,
) -> Callable[[str, str | None], Violated]:
    """Return what makes a result of a focus node and a value.

    Raises:
        TypeError: something is of another type than it was written with.
    """
    if not isinstance(messages, list):
        raise TypeError
    said = tuple(map(_text, messages))
    told = _maybe(shape), _text(severity), _text(component)
    where = _maybe(path), _maybe(predicate)
    return lambda focus, value: Violated(*told, said, focus, *where, value)


def _violated(
    kinds: Sequence[Callable[[str, str | None], Violated]],
    kind: object,
    focus: object,
    value: object,
) -> Violated:
    if not isinstance(kind, int) or kind < 0:
        raise TypeError
    return kinds[kind](_text(focus), _maybe(value))


def _text(each: object) -> str:
    if not isinstance(each, str):
        raise TypeError
    return each


def _maybe(each: object) -> str | None:
    return None if each is None else _text(each)


def digest_of(shapes: Shapes) -> str:
    """Return what tells shapes from others that may find something else; 64 hex digits.

    Blank nodes count as what is said of them, since their labels are others at each reading.
    """
    said: dict[Term, list[tuple[str, Any]]] = {}
    for each in shapes.triples:
        assert isinstance(each.subject, NamedNode | BlankNode)
        said.setdefault(each.subject, []).append((each.predicate.value, each.object))

    def written(term: Any, above: frozenset[BlankNode]) -> str:
        if not isinstance(term, BlankNode):
            return str(term)
        if term in above:
            return "[...]"
        return f"[{told(term, above | {term})}]"

    def told(term: Term, above: frozenset[BlankNode]) -> str:
        return ";".join(sorted(f"<{p}> {written(o, above)}" for p, o in said.get(term, ())))

    named = (f"{term} {told(term, frozenset())}" for term in said if isinstance(term, NamedNode))
    return hashlib.sha256("\n".join(sorted(named)).encode()).hexdigest()
