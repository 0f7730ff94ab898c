"""Citations of the claims of an answer: of the graph, the claim, the document, and the place in it.

As a numbered list, as `BibTeX <https://ctan.org/pkg/bibtex>`_ or as `CSL-JSON
<https://docs.citationstyles.org/en/stable/specification.html>`_. Where a document has no headline,
its label stands for one; its date is told in the words of its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Store

from nhskg import __version__
from nhskg.project import reading
from nhskg.queries.answers import IN_SOURCE
from nhskg.queries.engine import Row, select
from nhskg.queries.layout import paragraph
from nhskg.rdf import terms
from nhskg.rdf.errors import InputError
from nhskg.rdf.escaping import escaped, json_text, markdown
from nhskg.rdf.terms import BASE

CITATION_FORMATS: Final = ("list", "bibtex", "csl-json")
_DOCUMENTS: Final = """
SELECT ?document ?label ?type ?outlet ?title ?source ?sha256 ?stated ?after ?before ?during
       ?earliest ?latest ?uri ?licence {
  VALUES ?document { %s }
  ?iri skos:notation ?document ; a nhs:SourceDocument ; skos:prefLabel ?label .
  OPTIONAL { ?iri dcterms:type/skos:prefLabel ?type }
  OPTIONAL { ?iri dcterms:publisher/skos:prefLabel ?outlet }
  OPTIONAL { ?iri dcterms:title ?title }
  OPTIONAL { ?iri dcterms:identifier ?source ; schema:sha256 ?sha256 }
  OPTIONAL { ?iri schema:url ?uri }
  OPTIONAL { ?iri dcterms:license|dcterms:rights ?licence }
  OPTIONAL {
    ?iri nhs:timing ?time .
    OPTIONAL { ?time nhs:statedAs ?stated }
    OPTIONAL { ?time time:after/skos:prefLabel ?after }
    OPTIONAL { ?time time:before/skos:prefLabel ?before }
    OPTIONAL { ?time time:intervalDuring/skos:prefLabel ?during }
    OPTIONAL { ?time nhs:notBefore ?earliest }
    OPTIONAL { ?time nhs:notAfter ?latest }
  }
}
"""
_PASSAGES: Final = """
SELECT DISTINCT ?claim ?document ?start ?end ?paragraph ?sentence ?quote ?locator ?uri ?evidence {
  VALUES ?claim { %s }
  OPTIONAL { ?claim bibo:locator ?locator }
  OPTIONAL { ?claim schema:url ?uri }
  ?claim nhs:evidence ?evidence .
  ?evidence oa:hasSource/skos:notation ?document ; oa:hasSelector ?position , ?marked .
  ?position oa:start ?start ; oa:end ?end .
  ?marked oa:exact ?quote .
  OPTIONAL { ?position nhs:paragraph ?paragraph ; nhs:sentence ?sentence }
} ORDER BY ?evidence
"""
_TIMES: Final = {
    "after": "after",
    "before": "before",
    "during": "during",
    "earliest": "not before",
    "latest": "not after",
}
_SPAN: Final = re.compile(r"\[(\d+)-(\d+)\] “")
_SOURCE: Final = {other + name for other in ("", "other_") for name in IN_SOURCE}
_CSL_TYPES: Final = {"article": "article", "column": "article", "report": "report"}
_ESCAPED: Final = str.maketrans(
    {sign: f"\\{sign}" for sign in "{}%#&_$"}
    | {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"}
)


@dataclass(frozen=True, slots=True)
class Citation:
    """A claim, the document that it is of, and its passages."""

    claim: str
    document: Row
    passages: tuple[Row, ...]

    @property
    def key(self) -> str:
        """The ids of document and claim, with a colon between."""
        return self.claim.removeprefix(f"{terms.ID}claim/").replace("/", ":")

    @property
    def title(self) -> str:
        """The headline, or else the label."""
        return self.document["title"] or self.document["label"]

    @property
    def place(self) -> str:
        """Locator and address, if known; paragraph, sentence, offsets in code points, and quote."""
        first = self.passages[0]
        told = ", ".join(filter(None, [first["locator"], first["uri"]]))
        return "; ".join(filter(None, [told, *map(_place, self.passages)]))


def _date(known: Row) -> str:
    """Return the date of a document, as its text gives it; nothing where it gives none."""
    stated = f"“{known['stated']}”" if known["stated"] else ""
    told = [f"{lead} {known[name]}" for name, lead in _TIMES.items() if known[name]]
    if stated and len(told) == 1 and not (known["earliest"] or known["latest"]):
        return f"{told[0].split()[0]} {stated}"
    return " ".join(filter(None, [" and ".join(told), stated and f"({stated})"]))


def _place(passage: Row) -> str:
    where = f"characters {passage['start']}–{passage['end']}: “{passage['quote']}”"
    if not passage["paragraph"]:
        return where
    return f"paragraph {passage['paragraph']}, sentence {passage['sentence']}, {where}"


@dataclass(frozen=True, slots=True)
class ToldSources:
    """Rows with their sources told, the columns and notes that this adds, and what goes below."""

    rows: list[Row]
    columns: tuple[str, ...]
    notes: tuple[str, ...]
    below: str
    is_alone: bool
    """Whether the citations are asked for by themselves, as BibTeX or CSL-JSON."""


def tell_sources(
    store: Store,
    rows: Sequence[Row],
    cite: str | None,
    texts: Path | None,
    *,
    in_full: bool = False,
    width: int | None = None,
    shown: str = "table",
) -> ToldSources:
    """Tell the sources of rows: as citations in one of the forms, if any; with passages from texts.

    A list stands below what is ``shown``, with its numbers in the rows, or ``in_full`` in them.
    """
    cited = citations(store, rows) if cite else []
    notes = ["no row of this answer has a claim to cite"] if cite and not cited else []
    found, columns = list(rows), list[str]()
    if texts:
        starts = [name for name in ("start", "other_start") if any(name in row for row in rows)]
        columns += [name.replace("start", "passage") for name in starts]
        found, missing = with_passages(store, found, texts)
        notes += missing
    if cite == "list":
        columns.append("cite")
        found = number_rows(found, cited, in_full=in_full)
        cited = [] if in_full else cited
    below = render_citations(cited, cite, width=width, shown=shown) if cite else ""
    return ToldSources(found, tuple(columns), tuple(notes), below, cite not in (None, "list"))


def citations(store: Store, rows: Iterable[Row]) -> list[Citation]:
    """Return a citation for each claim of some rows, in their order, with its passages."""
    claims = (row.get(name) for row in rows for name in ("claim", "other_claim"))
    passages: dict[str, list[Row]] = {claim: [] for claim in claims if claim}
    asked = " ".join(str(NamedNode(claim)) for claim in passages)
    for row in select(store, _PASSAGES % asked):
        passages[row["claim"]].append(row)
    documents = _documents(store, chain.from_iterable(passages.values()))
    return [
        Citation(claim, documents[found[0]["document"]], tuple(found))
        for claim, found in passages.items()
        if found
    ]


def _documents(store: Store, rows: Iterable[Row]) -> dict[str, Row]:
    """Return what is known of the documents that rows name, by their ids."""
    names = {row.get(name, "") for row in rows for name in ("document", "other_document")}
    asked = " ".join(str(Literal(name)) for name in sorted(names - {""}))
    return {row["document"]: row for row in select(store, _DOCUMENTS % asked)} if asked else {}


def name_documents(store: Store, rows: Iterable[Row], form: str, *, width: int | None) -> str:
    """Return for each document that rows name by its id what it is, and its date."""
    known = sorted(_documents(store, rows).items())
    told = [f"{name}: {_about(each)}" for name, each in known]
    if form == "markdown":
        return "".join(f"- {markdown(each)}\n" for each in told)
    return "".join(paragraph(each, width) for each in told)


def number_rows(rows: Iterable[Row], cited: Sequence[Citation], *, in_full: bool) -> list[Row]:
    """Add ``cite`` to rows: their citations ``in_full``, or numbers in place of their sources."""
    told = {
        each.claim: _in_words(each) if in_full else f"[{number}]"
        for number, each in enumerate(cited, start=1)
    }
    found = []
    for row in rows:
        claims = dict.fromkeys(row.get(name, "") for name in ("claim", "other_claim"))
        cite = " ".join(told[each] for each in claims if each in told)
        told_below = _SOURCE.intersection(row) if cite and not in_full else ()
        found.append({**row, **dict.fromkeys(told_below, ""), "cite": cite})
    return found


def render_citations(
    cited: Sequence[Citation], form: str, *, width: int | None = None, shown: str = "table"
) -> str:
    """Render citations, and that of the graph, as ``list``, ``bibtex`` or ``csl-json``.

    A list stands below what is ``shown`` as a table or as ``markdown``.
    """
    key, source, graph = _graph()
    if form == "list":
        told = [f"[{number}] {_in_words(each)}" for number, each in enumerate(cited, start=1)]
        told += [". ".join(filter(None, [f"From {source}", graph["author"], graph["URL"]]))]
        return "".join(paragraph(each, width, indent=4, form=shown) for each in told)
    source = source.partition(":")[0] if key == "nhskg" else source
    if form == "csl-json":
        author = [{"literal": graph["author"]}] if graph["author"] else []
        whole = {"id": key, "type": "dataset", **graph, "author": author}
        items = [{name: value for name, value in whole.items() if value}]
        items += [_csl_item(each, source) for each in cited]
        return json_text(items)
    entries = [_entry(key, graph)]
    for each in cited:
        of = each.document
        told = [_date(of) or "no date in the text", *_published(of), each.place]
        fields = {
            "title": each.title,
            "howpublished": ", ".join(filter(None, [of["type"], of["outlet"]])),
            "note": f"{'; '.join(told)}; a claim of {source}",
            "URL": each.claim,
        }
        entries.append(_entry(each.key, fields))
    return "\n".join(entries)


def _graph() -> tuple[str, str, Row]:
    """Return the key of the citation of the graph, what it is, and the fields of the citation."""
    if (own := reading().credit) is not None:
        graph = {"author": "", "title": "A corpus made with nhskg", "version": "", **own}
        told = [graph["title"], graph["version"] and f"version {graph['version']}"]
        return "corpus", ", ".join(filter(None, told)), graph
    from importlib.metadata import metadata  # noqa: PLC0415  # only citing pays for its import

    about = metadata("nhskg")
    authors, title = about["Author"] or "The nhskg developers", f"nhskg: {about['Summary']}"
    graph = {"author": authors, "title": title, "version": __version__, "URL": BASE}
    return "nhskg", f"nhskg, version {__version__}: {about['Summary']}", graph


def _in_words(cited: Citation) -> str:
    """Return a citation as a sentence, which ends with the claim's address."""
    told = [_about(cited.document), *_published(cited.document), cited.place]
    return f"{'; '.join(told)}. {cited.claim}"


def _published(of: Row) -> list[str]:
    """Return the address of a document and its licence, as far as they are known."""
    licence = f"licence: {of['licence']}" if of["licence"] else ""
    return list(filter(None, [of["uri"], licence]))


def _about(of: Row) -> str:
    """Return what a document is: headline or label, kind, outlet, and date."""
    kind = of["type"] if of["title"] or of["type"] not in of["label"].casefold() else ""
    title = f"“{of['title']}”" if of["title"] else of["label"]
    return ", ".join(filter(None, [title, kind, of["outlet"], _date(of) or "no date in the text"]))


def _csl_item(cited: Citation, source: str) -> dict[str, Any]:
    of = cited.document
    item: dict[str, Any] = {
        "id": cited.key,
        "type": _CSL_TYPES.get(of["type"], "document"),
        "title": cited.title,
        "container-title": of["outlet"],
        "issued": {"literal": _date(of)} if _date(of) else {},
        "note": "; ".join([*_published(of), cited.place]),
        "source": source,
        "URL": cited.claim,
    }
    return {name: value for name, value in item.items() if value}


def _entry(key: str, fields: dict[str, str]) -> str:
    """Return a BibTeX entry; braces keep the capitals of a title."""
    lines = [f"@misc{{{key},"]
    for name, value in fields.items():
        told = escaped(value)
        told = told if name == "URL" else told.translate(_ESCAPED)
        told = f"{{{told}}}" if name in ("title", "author") else told
        lines += [f"  {name.lower()} = {{{told}}},"] if value else []
    return "\n".join([*lines, "}\n"])


def with_passages(store: Store, rows: Iterable[Row], folder: Path) -> tuple[list[Row], list[str]]:
    """Return rows with their passages in full, ``passage`` and ``other_passage``, and notes.

    They are read from the texts in a folder; a note tells which text is missing or another one.
    """
    rows = list(rows)
    documents, texts, notes = _documents(store, rows), dict[str, str](), list[str]()
    found = []
    for row in rows:
        new = dict(row)
        for other in ("", "other_"):
            if f"{other}start" not in row:
                continue
            document, new[f"{other}passage"] = row.get(f"{other}document", ""), ""
            if document and document not in texts:
                of = documents[document]
                texts[document], problem = read_source(folder, of["source"], of["sha256"])
                notes += [f"no passages of {document} in full: {problem}"] if problem else []
            if document:
                spans = [(row[f"{other}start"], row[f"{other}end"])]
                spans += _SPAN.findall(row.get(f"{other}also", ""))
                told = (texts[document][int(start) : int(end)] for start, end in spans)
                new[f"{other}passage"] = "\n".join(" ".join(each.split()) for each in told)
        found.append(new)
    return found, notes


def read_source(folder: Path, name: str, sha256: str) -> tuple[str, str]:
    """Return the text of a document from a folder, or why there is none or it is another one."""
    if not name or Path(name).name != name or not (folder / name).is_file():
        return "", f"{name} is not in {folder}"
    from nhskg.annotation.texts import read_text  # noqa: PLC0415  # it is slow to import

    try:
        text = read_text(folder / name)
    except InputError as error:
        return "", str(error)
    if sha256 not in ("", text.sha256):
        return "", f"{folder / name} is not the text that was annotated: its digest differs"
    return text.text, ""
