"""Annotations held against their texts: digests, quotes and positions, all faults at once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nhskg.annotation.writer import anchor_file
from nhskg.rdf.errors import AnnotationError, Fault

__all__ = ["verify_texts"]


def verify_texts(documents: Iterable[Path], texts: Path) -> list[Fault]:
    """Return what anchoring would refuse or change in each document; nothing is written.

    That is a text which is missing or not the one recorded, a quote found nowhere or more than
    once, a position that is not the quote's. A fault in one document hides none in another.

    Args:
        documents: files of ``seeds/documents``.
        texts: the folder of their texts.
    """
    faults: list[Fault] = []
    for path in documents:
        try:
            report = anchor_file(path, texts, check=True)
        except AnnotationError as error:
            faults += error.faults
        else:
            faults += report.findings
    return faults
