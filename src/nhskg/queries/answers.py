"""Answers of stored queries: the rows, what is said about them, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Store

from nhskg.queries.engine import Row, select
from nhskg.queries.formats import render_rows
from nhskg.queries.names import KINDS, label, resolve
from nhskg.queries.stored import StoredQuery, bind, find_query
from nhskg.rdf.errors import UsageError
from nhskg.rdf.terms import DERIVED_GRAPH
from nhskg.reasoning.triple_lookup import Facts

Values = Mapping[str, str | Sequence[str]]
"""The value, or values, of each parameter that is given."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a stored query, with notes: sentences for people about what they leave out.

    Columns named ``claim``, ``…_claim``, ``…_id`` or ``…_ids`` hold ids, which people see on
    request only.
    """

    query: StoredQuery
    columns: tuple[str, ...]
    rows: list[Row]
    notes: tuple[str, ...] = ()


def is_id(column: str) -> bool:
    """Tell whether a column of an answer holds ids and not words."""
    return column.rpartition("_")[2] in ("claim", "id", "ids")


def answer(
    store: Store,
    folder: Path,
    name: str,
    values: Values | None = None,
    *,
    allow_service: bool = False,
) -> Answer:
    """Run the stored query of a name; of several values of a parameter, the rows of all.

    Raises:
        UsageError: the query, a parameter or a value is unknown.
        QueryError: the query cannot be evaluated.
    """
    query = find_query(folder, name)
    values = {name: _several(store, query, name, each) for name, each in (values or {}).items()}
    text = bind(query, values, store)
    rows = select(store, text, source=query.path, allow_service=allow_service)
    return Answer(query, query.columns, rows, tuple(_notes(store, query, values)))


def _several(store: Store, query: StoredQuery, name: str, given: str | Sequence[str]) -> list[str]:
    """Return the values of a parameter; a comma parts them where it is in no name."""
    kind = {each.name: each.kind for each in query.parameters}.get(name)
    values = list[str]()
    for value in [given] if isinstance(given, str) else given:
        try:
            parts = [value]
            if kind in KINDS and "," in value:
                resolve(store, value, kind)
        except UsageError:
            parts = [each.strip() for each in value.split(",")]
        values += parts
    return values


def _notes(store: Store, query: StoredQuery, values: Values) -> Iterator[str]:
    """Yield what a parameter that is not given leaves out."""
    for each in query.parameters:
        if each.default is None or each.name in values:
            continue
        facts, told = Facts(store, NamedNode(DERIVED_GRAPH)), each.default
        if each.kind in KINDS:
            told = label(facts, resolve(store, told, each.kind))
        yield f"only {told}: --{each.name} for others"


def render_answer(
    answer: Answer,
    form: str,
    *,
    width: int | None = None,
    layout: str | None = None,  # noqa: ARG001
    ids: bool = False,
    safe: bool = False,  # noqa: ARG001
    color: bool = False,  # noqa: ARG001
    unsaid: bool = False,  # noqa: ARG001
) -> str:
    """Render an answer: ``table`` or ``markdown`` for people, ``csv``, ``tsv``, ``json`` whole."""
    for_people = form in ("table", "markdown")
    columns = [name for name in answer.columns if ids or not for_people or not is_id(name)]
    notes = "".join(f"({note})\n" for note in answer.notes if for_people)
    rows = [[row[name] for name in columns] for row in answer.rows]
    return (notes and notes + "\n") + render_rows(columns, rows, form, width=width)
