"""Pages: all that the graph knows of one thing, by stored queries with it as their parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from pyoxigraph import NamedNode, Store

from nhskg.queries.answers import Answer, answer, composed, render_answer, short_labels, stacked
from nhskg.queries.engine import Row, select
from nhskg.queries.layout import WIDTH, paragraph, shell_lines
from nhskg.queries.names import KINDS, Named, label, read_named, resolve
from nhskg.queries.stored import find_query
from nhskg.rdf import terms
from nhskg.rdf.escaping import json_text, markdown
from nhskg.rdf.files import AnyFolder, find_file
from nhskg.rdf.terms import NS, PROV
from nhskg.reasoning.triple_lookup import Facts

PAGE_FORMATS: Final = ("text", "markdown", "json")

_SECTIONS: Final = {
    "plan": "statuses:plan provisions:plan entries:plan changes:plan conditions:plan"
    " silences:plan gaps:plan payments:plan populations:plan tensions:plan"
    " conflicts:plan stances:about relations:thing",
    "body": "gains:body entries:body conditions:body governance:body gaps:body"
    " tensions:body stances:agent stances:about relations:thing",
    "post": "gains:body entries:body conditions:body stances:about relations:thing",
    "person": "stances:agent quotes:agent relations:thing",
    "power": "entries:power stances:about relations:thing",
    "document": "document:document",
    "condition": "conditions:condition stances:about relations:thing",
    **dict.fromkeys(
        ("budget", "matter", "event", "law"),
        "entries:matter changes:target stances:about relations:thing",
    ),
    "provision": "provisions: entries: conditions: gaps:claim tensions:claim conflicts:"
    " stances:about relations:thing",
    "withdrawn": "withdrawn:",
    "claim": "stances: relations: silences: tensions:claim stances:about relations:thing",
}
"""The stored queries of a page, each with the parameter that is bound.

Of a query without one, the rows that come from the thing, a claim, are shown.
"""
_OF: Final = {"about": " on it", "thing": " with it", "stances:agent": " taken"}
_OTHERS: Final = "stances:about relations:thing"
_FACTS: Final = """SELECT ?p ?o (isIRI(?o) AS ?is_thing) ?by ?on {
  VALUES ?thing { <%s> }
  { ?thing ?p ?value }
  UNION {
    ?old dcterms:isReplacedBy ?thing ; prov:wasInvalidatedBy/skos:prefLabel ?why .
    BIND(dcterms:replaces AS ?p)
    BIND(CONCAT(STRAFTER(STR(?old), "/claim/"), " (", STR(?why), ")") AS ?value)
  }
  OPTIONAL { ?value nhs:statedAs ?stated }
  OPTIONAL {
    ?link rdf:subject ?thing ; rdf:predicate ?p ; rdf:object ?value ; dcterms:date ?on ;
      prov:wasAttributedTo ?by .
  }
  BIND(COALESCE(?stated, ?value) AS ?o)
  FILTER(?p NOT IN (rdf:type, skos:notation, skos:prefLabel, skos:altLabel, skos:hiddenLabel,
    skos:broaderTransitive, rdfs:isDefinedBy, owl:sameAs, nhs:evidence))
  FILTER(?p != nhs:timing || BOUND(?stated))
} ORDER BY ?p ?o"""
_NAMING: Final = """SELECT DISTINCT ?claim ?document {
  ?claim a nhs:Claim ; ?names <%s> ; nhs:evidence/oa:hasSource/skos:notation ?document
}"""
_QUOTE: Final = "SELECT ?quote { <%s> nhs:evidence/oa:hasSelector/oa:exact ?quote } ORDER BY ?quote"


@dataclass(frozen=True, slots=True)
class Section:
    """An answer on a page: with its heading, and the command that gives it if there is one.

    What is the same in all rows, as it was asked for, is ``unshown`` to people; ``data`` are the
    rows for programs, where these are others.
    """

    heading: str
    command: str
    answer: Answer
    unshown: str = ""
    data: list[Row] | None = None

    @property
    def rows(self) -> list[Row]:
        """The rows for programs, each of one claim or two."""
        return self.answer.rows if self.data is None else self.data


@dataclass(frozen=True, slots=True)
class Page:
    """A title, what identifies its subject, plain facts without a source, and cited sections."""

    title: str
    about: str
    identity: dict[str, Any]
    facts: dict[str, list[str]]
    sections: tuple[Section, ...]


def read_page(store: Store, folder: AnyFolder, name: str) -> Page:
    """Read the page of a thing, by any of its names, or of a claim.

    Raises:
        UsageError: nothing has this name, or several things have.
    """
    thing, facts = _find_thing(store, name), Facts(store)
    plan = facts.value(NamedNode(thing.iri), f"{NS}provisionOf")
    known = dict[str, list[str]]()
    for row in select(store, _FACTS % thing.iri):
        value = label(facts, NamedNode(row["o"])) if row["is_thing"] == "true" else row["o"]
        if row["by"]:
            by = label(facts, NamedNode(row["by"]))
            value = f"{row['o']} (says {by}, checked {row['on']})"
        known.setdefault(label(facts, NamedNode(row["p"])), []).append(value)
    gone = facts.value(NamedNode(thing.iri), f"{PROV}wasInvalidatedBy")
    kind = "withdrawn" if gone else "provision" if plan else thing.kind
    asked = _SECTIONS.get(kind, _OTHERS).split()
    given = {"plan": plan.value} if plan else {}
    sections = [_read_section(store, folder, thing, given, *each.split(":")) for each in asked]
    sections.append(_read_others(store, folder, thing, [each for each in sections if each]))
    if thing.kind == "body" and sections[0] and sections[1]:
        known |= _by_plan(sections[0].answer)
        told = {(row["claim"], row["plan_id"]) for row in sections[0].rows}
        rows = [row for row in sections[1].rows if (row["claim"], row["plan_id"]) not in told]
        rest = replace(sections[1].answer, rows=rows)
        sections[1] = Section("Other entries", "", rest, sections[1].unshown)
    others = [each for each in thing.names if each not in (thing.slug, thing.label)]
    known = {"also": others, **known} if others else known
    about = f"{thing.kind} {thing.slug} <{thing.iri}>"
    identity = {"id": thing.slug, "iri": thing.iri, "kind": thing.kind, "label": thing.label}
    return Page(thing.label, about, identity, known, tuple(each for each in sections if each))


def _by_plan(gains: Answer) -> dict[str, list[str]]:
    """Return what a body gets, keeps and loses under each plan, in short."""
    found: dict[str, list[str]] = {}
    for plan, short in short_labels(gains).items():
        changes: dict[str, dict[str, None]] = {}
        for row in (row for row in gains.rows if row["plan"] == plan):
            changes.setdefault(row["change"], {})[row["power"]] = None
        found[f"under {short}"] = [f"{name} {', '.join(each)}" for name, each in changes.items()]
    return found


def with_sources(page: Page, rows: Sequence[Row], added: Sequence[str]) -> Page:
    """Return a page with other rows of claims, in the order of the page, and columns added."""
    left, sections = iter(rows), []
    for each in page.sections:
        new = list(islice(left, len(each.rows)))
        if each.data is not None:
            sections.append(replace(each, data=new))
        else:
            columns = (*each.answer.columns, *added)
            sections.append(replace(each, answer=replace(each.answer, columns=columns, rows=new)))
    return replace(page, sections=tuple(sections))


def _find_thing(store: Store, name: str) -> Named:
    iri = resolve(store, name, "thing").value
    if not iri.startswith(f"{terms.ID}claim/"):
        return next(each for each in read_named(store) if each.iri == iri)
    slug, quotes = iri.removeprefix(f"{terms.ID}claim/"), select(store, _QUOTE % iri)
    title = " … ".join(f"“{each['quote']}”" for each in quotes)
    return Named(iri, slug, title, title, (slug,), frozenset(KINDS["claim"]))


def _read_section(
    store: Store, folder: AnyFolder, thing: Named, given: dict[str, str], name: str, parameter: str
) -> Section | None:
    """Read one section; None if the corpus has no such query, or it no such parameter."""
    if not find_file(folder, f"{name}.rq"):
        return None
    if parameter not in ("", *(each.name for each in find_query(folder, name).parameters)):
        return None
    found = answer(store, folder, name, {parameter: thing.iri} if parameter else given)
    rows, command = found.rows, f"nhskg query run {name} --{parameter} {thing.slug}"
    if not parameter:
        command = ""
        rows = [each for each in rows if thing.iri in (each.get("claim"), each.get("other_claim"))]
    unshown = parameter if parameter != "document" else ""  # which is a part of each source
    heading = name.capitalize() + _OF.get(f"{name}:{parameter}", _OF.get(parameter, ""))
    return Section(heading, command, replace(found, rows=rows, notes=()), unshown)


def _read_others(
    store: Store, folder: AnyFolder, thing: Named, sections: Sequence[Section]
) -> Section | None:
    """Read what is said in claims that name the thing and are in no other section."""
    shown = {row.get("claim") for each in sections for row in each.answer.rows}
    naming = [each for each in select(store, _NAMING % thing.iri) if each["claim"] not in shown]
    if not naming or not find_file(folder, "document.rq"):
        return None
    documents = sorted({each["document"] for each in naming})
    found = answer(store, folder, "document", {"document": documents})
    claims = {each["claim"] for each in naming}
    rows = [each for each in found.rows if each["claim"] in claims]
    return Section("Other claims", "", replace(found, rows=rows, notes=()))


def render_page(page: Page, form: str, *, width: int | None = None) -> str:
    """Render a page as ``text``, ``markdown`` or ``json``; text is fitted to a width in columns.

    Sections without rows are named in one line at the end.
    """
    if form == "json":
        sections = {
            each.heading: {"command": each.command, "rows": each.rows} for each in page.sections
        }
        data = page.identity | {"facts": page.facts, "sections": sections}
        return json_text(data)
    shown = [each for each in page.sections if each.answer.rows]
    headings = {each.heading: None for each in page.sections if not each.answer.rows}
    empty = ", ".join(each[0].lower() + each[1:] for each in headings)
    facts = [f"{name}: {'; '.join(values)}" for name, values in page.facts.items()]
    facts += [f"nothing on: {empty}"] if empty else []
    if form == "markdown":
        listed = "".join(f"- {markdown(each)}\n" for each in facts)
        blocks = [f"# {markdown(page.title)}\n", f"{page.about}\n", listed]
        blocks += [f"## {markdown(each.heading)}\n\n{_rows(each, form)}" for each in shown]
        return "\n".join(blocks)
    room = width or WIDTH
    blocks = ["".join(paragraph(each, room) for each in (page.title, page.about, *facts))]
    for each in shown:
        head = f"{each.heading.upper()} ({_count(each)})"
        if each.command and len(head) + 2 + len(each.command) > room:
            head = f"{head}\n{shell_lines(each.command, room)}"
        elif each.command:
            head = f"{head}  {each.command}"
        blocks.append(f"{head}\n\n{_rows(each, 'table', room)}")
    return "\n\n".join(blocks)


def _count(section: Section) -> str:
    rows, name = section.answer.rows, section.answer.query.name
    if name == "conflicts":
        return f"{len({(row['plan'], row['other'], row['about']) for row in rows})}"
    if name == "document":
        return f"{len(rows)} claims"
    columns = section.answer.columns
    return f"{len(stacked(composed({n: row[n] for n in columns}, ids=False) for row in rows))}"


def _rows(section: Section, form: str, width: int | None = None) -> str:
    columns = tuple(each for each in section.answer.columns if each != section.unshown)
    shown = replace(section.answer, columns=columns)
    return render_answer(shown, form, layout="record", width=width, fold=section.data is None)
