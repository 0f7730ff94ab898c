"""``nhskg anchor``, ``coverage``, ``schema``: quotes, sentences, the format of files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from nhskg.annotation.corpus import (
    SentenceCoverage,
    check_anchored,
    check_coverage,
    measure_coverage,
)
from nhskg.annotation.json_schema import render_schemas
from nhskg.annotation.reader import read_corpus
from nhskg.annotation.texts import SourceText, read_text
from nhskg.annotation.writer import AnchorReport, anchor_file
from nhskg.cli.options import format_option, print_rows, project_option, texts_option
from nhskg.cli.printing import say, write
from nhskg.cli.rdf_files import refuse_overwriting
from nhskg.project import Project, shipped_data
from nhskg.queries.formats import ROW_FORMATS
from nhskg.rdf.errors import AnnotationError, Fault, FindingsError, InputError, Place, UsageError
from nhskg.rdf.files import files_in, write_atomically
from nhskg.rdf.files import read_text as read_file
from nhskg.vocabulary import load_vocabulary

_STATES = {
    "claims": "with claims",
    "no claim": "with a reason for none",
    "UNACCOUNTED": "unaccounted",
}
"""What may be the state of a sentence, and the columns of the counts."""
_COUNTS = ("document", "sentences", *_STATES.values(), "claims")
_SENTENCE = ("document", "line", "start", "end", "begins", "state", "claims or reason")


@click.command("coverage")
@texts_option(required=True)
@click.option("--list", "each", is_flag=True, help="List every sentence, not only the counts.")
@format_option(type=click.Choice(ROW_FORMATS))
@project_option
def coverage_command(texts: Path, project: Project, form: str | None, *, each: bool) -> None:
    """Count, document by document, the sentences with claims, and those with a reason for none.

    A sentence that nothing accounts for is listed, and the exit code is 1.

    \b
    nhskg coverage --texts ../texts
    nhskg coverage --texts ../texts --list --format csv
    """
    corpus = read_corpus(project, load_vocabulary(project.ontology))
    rows: list[tuple[object, ...]] = []
    faults: list[Fault] = []
    unread: list[Fault] = []
    for document in corpus.documents:
        path = texts / document.header.source
        try:
            text = read_text(path, document.header.paragraphs)
        except InputError as error:
            repair = "" if path.exists() else "; pass the folder that holds it"
            unread.append(Fault(error.place or Place(path), f"{error.message}{repair}"))
            continue
        if missing := len(check_anchored([document])):
            note = f"{document.id}: {missing} places are not anchored, and count for nothing"
            say(f"{note}; run nhskg anchor")
        faults += check_coverage(document, text)
        found = [_sentence(document.id, entry, text) for entry in measure_coverage(document, text)]
        states = Counter(state for *_, state, _ in found)
        standing = sum(claim.withdrawn is None for claim in document.claims)
        counts = (len(found), *map(states.__getitem__, _STATES), standing)
        rows += found if each else [(document.id, *counts)]
    if unread:
        raise AnnotationError(unread)
    print_rows(_SENTENCE if each else _COUNTS, [list(map(str, row)) for row in rows], form)
    if faults:
        for fault in faults:
            say(str(fault))
        raise FindingsError(f"sentences not accounted for as they should be: {len(faults)}")


def _sentence(document: str, entry: SentenceCoverage, text: SourceText) -> tuple[object, ...]:
    (start, end, line, _), claims, reasons = entry
    begins = " ".join(text.text[start:end].split()[:5]) + " …"
    state = "claims" if claims else "no claim" if reasons else "UNACCOUNTED"
    return document, line, start, end, begins, state, ", ".join(claims or reasons)


@click.command("anchor")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, dir_okay=False))
@texts_option(required=True)
@click.option("--check", is_flag=True, help="Only say what is missing or out of date.")
@click.option("--update-digest", is_flag=True, help="Accept a text that is not the one recorded.")
@project_option
def anchor_command(
    files: tuple[Path, ...], texts: Path, project: Project, *, check: bool, update_digest: bool
) -> None:
    """Write positions and digests from the quotes, in place; comments and order stay.

    Without FILES: every document of the project. A quote must match the text
    exactly once; else nothing is written to that file, and the candidates, or the
    nearest text, are named.

    \b
    nhskg anchor --texts ../texts
    nhskg anchor seeds/documents/article-miliband.yaml --texts ../texts
    nhskg anchor --check --texts ../texts
    """
    reports: list[AnchorReport] = []
    faults: list[Fault] = []
    for path in files or files_in(project.documents, ".yaml"):
        try:
            if not (files or check):
                _refuse_leaving(path, project)
            reports.append(anchor_file(path, texts, check=check, update_digest=update_digest))
        except InputError as error:
            one = Fault(error.place or Place(path), error.message)
            faults += error.faults if isinstance(error, AnnotationError) else [one]
    for report in reports:
        for finding in report.findings if check else ():
            write(f"{finding}\n")
        state = "written" if report.written else "out of date" if report.findings else "in order"
        write(f"{report.path}: {report.passages} passages, {state}\n")
        if report.note:
            say(f"{report.path}: {report.note}")
    if faults:
        raise AnnotationError(faults)
    stale = sum(bool(report.findings) for report in reports)
    if check and stale:
        raise FindingsError(f"files not anchored as they should be: {stale}; run nhskg anchor")


def _refuse_leaving(path: Path, project: Project) -> None:
    """Raise InputError where what would be written to is behind a link out of the project."""
    if not path.resolve().is_relative_to(project.root):
        problem = "is behind a link that leads out of the project; name the place that it leads to"
        raise InputError(problem, place=Place(path))


@click.command("schema")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write to, instead of schema/ in the project.",
)
@project_option
def schema_command(project: Project, out: Path | None) -> None:
    """Write the JSON Schemas of documents and of the register, with the words of the project.

    An editor with a YAML language server completes and checks by them where a file
    begins with the line
    # yaml-language-server: $schema=../../schema/document.schema.json

    \b
    nhskg schema
    nhskg schema --out .vscode
    """
    if out is None and project.root == shipped_data():
        raise UsageError(
            "this is the corpus that ships with nhskg; --out names a folder to write to"
        )
    folder = out or project.root / "schema"
    if out is None:
        _refuse_leaving(folder, project)
    refuse_overwriting(folder, (), project.folders())
    for name, text in render_schemas(load_vocabulary(project.ontology)).items():
        path = folder / name
        if path.exists() and f'/{name}",' not in read_file(path):  # its $id
            raise InputError("is not of nhskg; move it away", place=Place(path))
        write_atomically(path, text)
        write(f"{path}\n")
