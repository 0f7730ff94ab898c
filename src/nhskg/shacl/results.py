"""One validation result, whichever engine found it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Violated"]


@dataclass(frozen=True, slots=True)
class Violated:
    """One validation result, as the SHACL recommendation describes it (3.6.2), in strings.

    Attributes:
        shape: the source shape, or nothing where it has no IRI.
        severity: IRI of the severity.
        component: IRI of the constraint component.
        messages: the result messages, sorted.
        focus: the focus node: an IRI, or the lexical form of a literal.
        path: the result path in SPARQL syntax, prefixes shortened.
        predicate: the first predicate of the path, unless it is inverse.
        value: the value node.
    """

    shape: str | None
    severity: str
    component: str
    messages: tuple[str, ...]
    focus: str
    path: str | None
    predicate: str | None
    value: str | None
