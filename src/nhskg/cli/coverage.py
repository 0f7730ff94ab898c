"""``nhskg coverage``: which sentences of the texts are accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from nhskg.annotation.anchors import SourceText, read_text
from nhskg.annotation.corpus import Document
from nhskg.annotation.coverage import SentenceCoverage, check_coverage, measure_coverage
from nhskg.annotation.reader import read_corpus
from nhskg.cli.options import format_option, print_rows, project_option, texts_option
from nhskg.project import Project
from nhskg.queries.formats import ROW_FORMATS
from nhskg.rdf.errors import AnnotationError, Fault, FindingsError, InputError, Place
from nhskg.vocabulary import load_vocabulary


@click.command("coverage")
@texts_option(required=True)
@click.option("--list", "each", is_flag=True, help="List every sentence, not only the counts.")
@format_option(*ROW_FORMATS)
@project_option
def command(texts: Path, project: Project, form: str | None, *, each: bool) -> None:
    """Count, document by document, the sentences with claims, and those with a reason for none.

    A sentence that nothing accounts for is listed, and the exit code is 1.

    \b
    nhskg coverage --texts ../texts
    nhskg coverage --texts ../texts --list --format csv
    """
    corpus = read_corpus(project, load_vocabulary(project.ontology))
    rows: list[tuple[str, ...]] = []
    faults: list[Fault] = []
    sources = [document.header.source for document in corpus.documents]
    for document, text in zip(corpus.documents, _texts(texts, sources), strict=True):
        coverage = measure_coverage(document, text)
        faults += check_coverage(document, text)
        if each:
            rows += _sentences(document.id, coverage, text)
        else:
            rows.append(_counts(document, coverage))
    columns = _SENTENCE if each else _COUNTS
    print_rows(columns, rows, form)
    if faults:
        for fault in faults:
            click.echo(str(fault), err=True)
        raise FindingsError(f"sentences not accounted for as they should be: {len(faults)}")


def _texts(folder: Path, names: Iterable[str]) -> list[SourceText]:
    """Read all texts, or raise AnnotationError with every one that cannot be read."""
    read: list[SourceText] = []
    faults: list[Fault] = []
    for name in names:
        try:
            read.append(read_text(folder / name))
        except InputError as error:
            path = folder / name
            repair = "" if path.exists() else "; pass the folder that holds it"
            faults.append(Fault(error.place or Place(path), f"{error.message}{repair}"))
    if faults:
        raise AnnotationError(faults)
    return read


_COUNTS = (
    "document",
    "sentences",
    "with claims",
    "with a reason for none",
    "unaccounted",
    "claims",
)
_SENTENCE = ("document", "line", "start", "end", "begins", "state", "claims or reason")


def _counts(document: Document, coverage: Sequence[SentenceCoverage]) -> tuple[str, ...]:
    with_claims = sum(1 for each in coverage if each.claims)
    with_reasons_only = sum(1 for each in coverage if each.reasons and not each.claims)
    unaccounted = len(coverage) - with_claims - with_reasons_only
    counts = (len(coverage), with_claims, with_reasons_only, unaccounted, len(document.claims))
    return (document.id, *map(str, counts))


def _sentences(
    document: str, coverage: Sequence[SentenceCoverage], text: SourceText
) -> Iterator[tuple[str, ...]]:
    for entry in coverage:
        start, end = entry.sentence.start, entry.sentence.end
        state = "claims" if entry.claims else "no claim" if entry.reasons else "UNACCOUNTED"
        yield (
            document,
            str(entry.sentence.line),
            str(start),
            str(end),
            " ".join(text.text[start:end].split()[:5]) + " …",
            state,
            ", ".join(entry.claims or entry.reasons),
        )
