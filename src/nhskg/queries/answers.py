"""Answers of stored queries: the rows, what is said about them, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from pyoxigraph import Literal, Store

from nhskg.queries.engine import Row, select
from nhskg.queries.formats import render_rows
from nhskg.queries.layout import paragraph
from nhskg.queries.names import label, words
from nhskg.queries.plans import in_order
from nhskg.queries.stored import StoredQuery, Values, asked_terms, bind_terms, find_query
from nhskg.rdf.errors import Place, QueryError, UsageError
from nhskg.rdf.escaping import BREAK
from nhskg.rdf.files import AnyFolder
from nhskg.rdf.nearest import hint
from nhskg.reasoning.triple_lookup import Facts

_PLANS: Final = """
SELECT ?plan ?label ?short {
  VALUES ?label { %s }
  ?plan skos:prefLabel ?label ; a nhs:Plan .
  OPTIONAL { ?plan skos:altLabel ?short }
} ORDER BY DESC(STRLEN(?short)) DESC(?short)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a stored query, with notes: sentences for people about what they leave out.

    Columns named ``claim``, ``…_claim``, ``…_id``, ``…_ids`` or ``iri`` hold ids, which people see
    on request only.
    """

    query: StoredQuery
    columns: tuple[str, ...]
    rows: list[Row]
    notes: tuple[str, ...] = ()
    store: Store | None = None
    """Where the plans are looked up, by whose order and short labels people read."""


NONE: Final = "(none)"
"""What stands for an empty cell where claims are counted."""


def is_id(column: str) -> bool:
    """Tell whether a column of an answer holds ids and not words."""
    return column.rpartition("_")[2] in ("claim", "id", "ids", "iri")


def answer(
    store: Store,
    folder: AnyFolder,
    name: str,
    values: Values | None = None,
    *,
    allow_service: bool = False,
) -> Answer:
    """Run the stored query of a name; of several values of a parameter, the rows of all.

    Raises:
        UsageError: the query, a parameter or a value is unknown.
        QueryError: the query cannot be evaluated, or lacks a column of its header.
    """
    query, values = find_query(folder, name), values or {}
    terms = asked_terms(query, values, store)
    text = bind_terms(query, terms)
    rows = select(store, text, source=query.path, allow_service=allow_service)
    if rows and (lacking := set(query.columns).difference(rows[0])):
        message = f"its header has the columns {', '.join(sorted(lacking))}, which it does not give"
        raise QueryError(message, place=Place(query.path, 1))
    facts = Facts(store)
    asked = {key: " or ".join(label(facts, term) for term in each) for key, each in terms.items()}
    notes = [*_left_out(query, values, asked), *([] if rows else [_nothing(store, query, asked)])]
    return Answer(query, query.columns, rows, tuple(notes), store)


def count_claims(answer: Answer, names: Sequence[str]) -> Answer:
    """Return how many claims (or rows, where they are of none) have the same in some columns.

    Where a row is of two claims, the pairs are counted.

    Raises:
        UsageError: the answer has no such column.
    """
    counted = "pairs" if "other_claim" in answer.columns else "claims"
    for name in (each for each in names if each not in answer.columns):
        raise UsageError(f"unknown column '{name}'{hint(name, answer.columns)}")
    found: dict[tuple[str, ...], set[str]] = {}
    for place, row in enumerate(answer.rows):
        claims = found.setdefault(tuple(row[name] or NONE for name in names), set())
        pair = " ".join(row.get(each, "") for each in ("claim", "other_claim"))
        claims.add(pair.strip() or str(place))
    most = sorted(found.items(), key=lambda each: -len(each[1]))
    rows = [{**dict(zip(names, each, strict=True)), counted: f"{len(n)}"} for each, n in most]
    return replace(answer, columns=(*names, counted), rows=rows)


_APART: Final = frozenset({"document", "capacity", "voice"})
"""The columns whose words do not tell what a row is about."""


def have(rows: Sequence[Row], texts: Iterable[str], short: Mapping[str, str]) -> list[Row]:
    """Return the rows that have, of each text, all words, or those of a part of it behind a slash.

    Of a long word, the beginning is enough. Ids are not looked into, and a plan has the words of
    its ``short`` label, as people see it.
    """
    split = ([words(part).split() for part in each.split("/")] for each in texts)
    wanted = [[[f" {w}" + " " * (len(w) < 4) for w in part] for part in each] for each in split]
    return [
        row
        for row, said in ((row, _said(row, short)) for row in rows)
        if all(any(all(word in said for word in part) for part in each) for each in wanted)
    ]


def _said(row: Row, short: Mapping[str, str]) -> str:
    shown = (each for name, each in row.items() if name not in _APART and not is_id(name))
    return _split(" ".join(short.get(each, each) for each in shown))


@lru_cache(maxsize=4096)
def _split(text: str) -> str:
    return f" {words(text)} "


def join(answers: Sequence[Answer]) -> Answer:
    """Return the rows of several answers as those of one, with the columns of all."""
    columns = dict.fromkeys(["query", *chain.from_iterable(each.columns for each in answers)])
    empty = dict.fromkeys(columns, "")
    rows = [empty | {"query": each.query.name} | row for each in answers for row in each.rows]
    notes = dict.fromkeys(chain.from_iterable(each.notes for each in answers))
    return replace(answers[0], columns=tuple(columns), rows=rows, notes=tuple(notes))


def _left_out(query: StoredQuery, values: Values, asked: Mapping[str, str]) -> Iterator[str]:
    """Yield what the parameters that are not given leave out, and the note of the query."""
    if query.note:
        yield query.note
    for each in query.parameters:
        if each.name == "unchanged" and not asked[each.name]:
            yield "What a plan does not mention or address is left out: --unchanged shows it."
        elif each.default is not None and each.name not in values:
            yield f"Only {asked[each.name]}: --{each.name} for others."


def _nothing(store: Store, query: StoredQuery, asked: Mapping[str, str]) -> str:
    """Return the sentence that stands for no rows: what was looked for, and what that means."""
    if query.none:
        return query.none
    (count,) = select(store, "SELECT (COUNT(*) AS ?n) { ?d a nhs:SourceDocument }")
    given = ", ".join(f"{name} {told}" for name, told in asked.items() if told)
    looked = f"“{query.question}”{given and f' for {given}'}"
    meaning = "That does not mean that it is not so, only that these texts do not say it"
    return f"No claim in the {count['n']} documents answers {looked}. {meaning}."


def render_answer(
    answer: Answer,
    form: str,
    *,
    width: int | None = None,
    layout: str | None = None,
    ids: bool = False,
    safe: bool = False,
    color: bool = False,
    unsaid: bool = False,
    fold: bool = True,
) -> str:
    """Render an answer: ``table`` or ``markdown`` for people, ``csv``, ``tsv``, ``json`` whole.

    People see columns that are put together of those of the query, and notes above. Rows that
    differ in their passages only are one; such that say nothing are counted in one line, unless
    ``unsaid`` is wanted or all are such. With ``fold``, a table has above it what is the same in
    all rows.
    """
    if form not in ("table", "markdown"):
        rows = [[row[name] for name in answer.columns] for row in answer.rows]
        return render_rows(answer.columns, rows, form, safe=safe)
    said = [row for row in answer.rows if unsaid or not _says_nothing(row)] or [*answer.rows]
    folded = len(answer.rows) - len(said)
    below = f"Of {folded} more the texts say nothing; --unsaid lists them." if folded else ""
    short = short_labels(answer)
    places = {label: place for place, label in enumerate(short)}
    if "plan" in answer.columns[:2]:  # in order, or so of each thing in the column before
        first = list(dict.fromkeys(row[answer.columns[0]] for row in said))
        said.sort(key=lambda row: places.get(row["plan"], -1))
        if answer.columns[0] != "plan":
            said.sort(key=lambda row: first.index(row[answer.columns[0]]))
    shown = stacked(composed({name: row[name] for name in answer.columns}, ids=ids) for row in said)
    columns = [name for name in (shown[0] if shown else ()) if any(row[name] for row in shown)]
    same = [name for name in columns if len({row[name] for row in shown}) == 1 < len(shown)]
    same = same if form == "table" and fold else []
    columns = [name for name in columns if name not in same]
    least = [name for name in _LEAST if name in columns]
    how: dict[str, Any] = {"width": width, "color": color, "least": least, "joined": _JOINED}

    def listed(names: list[str], rows: list[Row], layout: str | None) -> str:
        cells = [[short.get(row[name], row[name]) for name in names] for row in rows]
        return render_rows(names, cells, form, layout=layout, **how) if names else ""

    parts = ["".join(paragraph(note, width, indent=0, form=form) for note in answer.notes)]
    parts += [listed(same, shown[:1], "record"), listed(columns, shown, layout)]
    return "\n".join(filter(None, [*parts, below and f"{below}\n"]))


def short_labels(answer: Answer, *, ordered: bool = True) -> dict[str, str]:
    """Return the short label of each plan of an answer by its label, in the order of plans."""
    columns = {"plan", "other_plan", "other"}.intersection(answer.columns)
    labels = {row.get(name, "") for row in answer.rows for name in columns} - {""}
    if not labels or answer.store is None:
        return {}
    values = " ".join(f"{Literal(each)} {Literal(each, language='en')}" for each in labels)
    plans = {row["plan"]: row for row in select(answer.store, _PLANS % values)}
    rows = (plans[iri] for iri in (in_order(answer.store, plans) if ordered else plans))
    return {row["label"]: row["short"] or row["label"] for row in rows}


def _says_nothing(row: Row) -> bool:
    said = [value for name, value in row.items() if not is_id(name)][1:]
    return row.get("basis") == "no text says" or row.get("claims") == "0" or not any(said)


_LIMITS: Final = "deontic qualifier part condition cohort quantity timing with".split()
_IN_WHO: Final = ("firmness", "claimant", "capacity", "voice")
IN_SOURCE: Final = ("document", "paragraph", "sentence_no", "start", "end", "quote", "also")
"""The columns that :func:`source` puts together."""
_PASSAGES: Final = ("source", "other_source", "passage", "other_passage", "cite")
NAMED: Final = ("on condition", "ruled out", "suggested")
"""The bases that do not say what becomes of the power."""


def composed(row: Row, *, ids: bool) -> Row:
    """Put together what belongs together: the effect with its basis, limits, who says so, where."""
    if "claims" in row or "pairs" in row:  # counts, of whatever columns
        return row
    shown, limits = Row(), dict[str, str]()
    is_limited = False  # a condition before the words of a claim is what the query is about
    for name, value in row.items():
        column, other = name.removeprefix("other_"), name[:6] if name.startswith("other_") else ""
        is_limited |= column == "firmness"
        if is_id(name):
            shown |= {name: value} if ids else {}
        elif name == "effect" and "basis" in row:
            continue
        elif name == "basis" and row.get("effect") and value in NAMED:
            shown[name] = f"{value}: {row['effect']}"
        elif is_limited and column in _LIMITS:
            limits[name] = value
            shown[f"{other}limits"] = limits_of(limits, other)
        elif column in _IN_WHO:
            shown[f"{other}who_says_so"] = who_says(row, other)
        elif column in IN_SOURCE:
            shown[f"{other}source"] = source(row, other)
        elif column == "passage":
            shown[name] = value.replace("\n", BREAK)
        else:
            shown[name] = value
    return shown


def stacked(rows: Iterable[Row]) -> list[Row]:
    """Return composed rows, of which those that differ in their passages only are one with all."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for place, row in enumerate(rows):
        apart = () if "source" in row else (str(place),)
        same = (value for name, value in row.items() if name not in _PASSAGES)
        groups.setdefault((*apart, *same), []).append(row)
    return [
        {n: BREAK.join(dict.fromkeys(each[n] for each in group)) for n in group[0]}
        for group in groups.values()
    ]


def limits_of(row: Row, other: str = "") -> str:
    """Return the limits of a claim: how far it goes, on what terms, with whom."""
    known = {name: row.get(other + name, "") for name in _LIMITS}
    part = known["part"]
    for name, lead in (("cohort", "for "), ("quantity", ""), ("with", "with ")):
        value = known[name]
        known[name] = "" if not value or value in part else lead + value
    return "; ".join(filter(None, known.values()))


def who_says(row: Row, other: str = "") -> str:
    """Return who says so, in which capacity and voice, and how firmly."""
    firmness, claimant, capacity, voice = (row.get(other + name, "") for name in _IN_WHO)
    claimant = "" if claimant in firmness else claimant
    speaker = ", ".join(filter(None, [claimant, capacity]))
    firmness += ":" if firmness and speaker else ""
    return " — ".join(filter(None, [f"{firmness} {speaker}".strip(), voice]))


def source(row: Row, other: str = "") -> str:
    """Return the passages of a row in short: document, paragraph, sentence, offsets, and quote."""
    document, paragraph, sentence, start, end, quote, also = (
        row.get(other + name, "") for name in IN_SOURCE
    )
    if not document:
        return ""
    marks = [f"¶{paragraph}" if paragraph else "", f"s{sentence}" if sentence else ""]
    offsets = f"[{start}-{end}]" if start else ""
    first = " ".join(filter(None, [document, *marks, offsets, quote and f"“{quote}”"]))
    return BREAK.join([first, *(f"{document} {each}" for each in also.split(" | ") if each)])


_LEAST: Final = ("in_force", "follows", "gap", "tension", "account", "baseline", "becomes")
"""The columns that a narrow table goes without, the least important first."""
_JOINED: Final = (("who_says_so", "source"), ("basis", "limits"), ("power", "matter"))
"""The columns of which two stand in one where a table is narrow, the first pair first."""
