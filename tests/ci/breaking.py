"""Ways to break Barchester: for the reader, the shapes, the texts; and one that is unreadable."""

from __future__ import annotations

from pathlib import Path

DOCUMENT = "seeds/documents/chronicle-reply.yaml"


def misspell_a_power(corpus: Path) -> int:
    """Misspell the first power of a document; return the number of its line."""
    return _replace(corpus / DOCUMENT, "power: sign-off\n", "power: sign-of\n")


def move_a_passage(corpus: Path) -> int:
    """Let a passage end after the end of its document (E-05); return the number of its line."""
    return _replace(corpus / DOCUMENT, "at: [2538, 2586]\n", "at: [2538, 99999]\n")


def shift_a_passage(corpus: Path) -> int:
    """Let a passage begin one letter too early, which only its text can tell; return its line."""
    return _replace(corpus / DOCUMENT, "at: [2538, 2586]\n", "at: [2537, 2586]\n")


def indent_with_a_tab(corpus: Path) -> int:
    """Indent a line with a tab; return its number."""
    return _replace(corpus / DOCUMENT, "  label: Chronicle", "\tlabel: Chronicle")


def _replace(path: Path, old: str, new: str) -> int:
    before, found, after = path.read_text("utf-8").partition(old)
    assert found, old
    path.write_text(before + new + after, "utf-8")
    return before.count("\n") + 1
