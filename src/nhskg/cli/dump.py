"""``nhskg dump``: write the files of a release."""

from __future__ import annotations

import os
from pathlib import Path

import click

from nhskg.cli.options import build_option, open_store, project_option
from nhskg.cli.printing import write
from nhskg.cli.rdf_files import folders_of, refuse_overwriting
from nhskg.project import Project
from nhskg.rdf.errors import UsageError


@click.command("dump")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False),
    help="Folder to write to; made if need be.",
)
@click.option(
    "--answers/--no-answers",
    default=True,
    help="With the tables or not, which take half the time for large graphs.  [--answers]",
)
@build_option
@project_option
def dump_command(out: str, project: Project, *, answers: bool) -> None:
    """Write the files of a release into a folder.

    \b
    nhskg.trig, nhskg.nq   all graphs: one a document, register, derived, ontology …
    asserted.*, derived.*  what is asserted and what is derived, flat (.ttl, .nt)
    all.*                  both, with ontology and labels, flat
    nhskg.jsonld           all graphs, by the names of context.jsonld
    annotations.jsonld     the evidence of each claim, as W3C Web Annotations
    queries.ttl            the stored queries, for SPARQL editors
    ontology.ttl, alignments.ttl, shapes.ttl
    matrix.csv, answers/   the matrix and the answer of each stored query, described
                           in csv-metadata.json (CSVW); nhskg.sqlite has the same
    dataset.ttl            the description of them all: DCAT, VoID, PROV
    README.md, LICENSE     what people read first
    SHA256SUMS             their digests, for 'sha256sum -c'; .gz beside large files

    Files of an older release that are no longer written are deleted; others stay.
    The same graph gives the same bytes each time.

    \b
    nhskg dump --out build/dump
    """
    if not out:
        raise UsageError("--out names no folder; give one, or . for the current folder")
    texts = os.environ.get("NHSKG_TEXTS")
    refuse_overwriting(Path(out), (), folders_of(project, Path(texts) if texts else None))
    from nhskg.release.dump import check_folder, dump  # noqa: PLC0415  # heavy
    from nhskg.release.source import Source  # noqa: PLC0415

    check_folder(Path(out))
    for path in dump(Source(project, open_store(project)), Path(out), answers=answers):
        write(f"{path}\n")
