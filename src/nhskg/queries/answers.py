"""Answers: the rows of a query or a list, with what is to be said above and below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, Store

from nhskg.queries.engine import Row, select
from nhskg.queries.formats import render_rows
from nhskg.queries.names import notation
from nhskg.queries.stored import StoredQuery, bind
from nhskg.rdf.terms import DERIVED_GRAPH, shorten_iri
from nhskg.reasoning.triple_lookup import Facts


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of plain text, by column.

    A column named ``claim``, ``other_claim`` or ``…_id`` holds ids (several between spaces); people
    see these on request only. ``above`` and ``below`` are sentences for people, and ``nothing`` is
    the one that stands in place of rows.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    nothing: str = "nothing was found"

    def claims(self) -> tuple[str, ...]:
        """Return the ids of the claims of the rows, in their order."""
        names = [name for name in self.columns if name in ("claim", "other_claim")]
        found = (each for row in self.rows for name in names for each in row[name].split())
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class View:
    """How an answer is shown: its format, and for people its layout and width in columns."""

    form: str = "table"
    width: int | None = None
    layout: str = "auto"
    ids: bool = False
    safe: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    """The full texts by document, where passages are to be shown in full."""


def is_id(column: str) -> bool:
    """Tell whether a column holds ids."""
    return column in ("claim", "other_claim") or column.endswith("_id")


def answer(
    store: Store, query: StoredQuery, values: Mapping[str, str | Sequence[str]] | None = None
) -> Answer:
    """Run a stored query; of several values of a parameter, the rows of all.

    Raises:
        UsageError: a parameter or a value is unknown.
        QueryError: the query cannot be evaluated.
    """
    facts = Facts(store, NamedNode(DERIVED_GRAPH))
    rows = select(store, bind(query, values or {}, store), source=query.path)

    def short(iri: str) -> str:
        if not iri.startswith(("http://", "https://")):
            return iri
        return notation(facts, NamedNode(iri)) or shorten_iri(iri).removeprefix("claim/")

    for row in rows:
        for name in filter(is_id, row):
            row[name] = " ".join(map(short, row[name].split()))
    return Answer(query.columns, tuple(rows))


def render_answer(answer: Answer, view: View) -> str:
    """Render an answer for people or programs."""
    is_plain = view.form in ("csv", "tsv", "json")
    columns = [name for name in answer.columns if is_plain or view.ids or not is_id(name)]
    rows = [[row[name] for name in columns] for row in answer.rows]
    return render_rows(columns, rows, view.form, width=view.width)
