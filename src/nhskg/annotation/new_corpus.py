"""Writes a new corpus: one invented document with its text, and a register, with comments."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final

from nhskg.rdf.errors import UsageError

_TEMPLATE: Final = Path(__file__).parent / "template"


def write_corpus(folder: Path) -> None:
    """Write a new corpus into a folder that is empty, or not there yet.

    It is written beside the folder and then put in place, ``seeds`` last, so that a corpus is there
    as a whole or not at all.

    Raises UsageError where the folder is something else, or cannot be written.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        problem = "is not empty" if folder.is_dir() else "is a file"
        raise UsageError(f"{folder} {problem}; name a folder that is empty or not there yet")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".nhskg-", dir=folder.parent) as beside:
            corpus = Path(beside, "corpus")
            shutil.copytree(_TEMPLATE, corpus, copy_function=shutil.copyfile)
            if not folder.exists():
                corpus.rename(folder)
                return
            for each in sorted(corpus.iterdir(), key=lambda path: path.name == "seeds"):
                each.rename(folder / each.name)
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror or error}") from error
