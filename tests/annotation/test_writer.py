"""Anchoring edits what the machine writes, and nothing else."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nhskg.annotation.corpus import check_anchored
from nhskg.annotation.reader import read_corpus
from nhskg.annotation.writer import anchor_file
from nhskg.project import Project
from nhskg.rdf.errors import AnnotationError, InputError
from nhskg.rdf.yaml_source import read_source
from nhskg.vocabulary import Vocabulary
from tests.cases import cases

TEXT = "One. Two 😀.\r\n\r\nThree, four. Five."
STARTS = "0 5 / 15 28"
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()


def folder(tmp_path: Path, annotation: str, text: str = TEXT) -> Path:
    (tmp_path / "x.txt").write_bytes(text.encode())
    path = tmp_path / "x.yaml"
    path.write_bytes(annotation.encode())
    return path


def faults(path: Path, texts: Path, **options: bool) -> list[str]:
    with pytest.raises(AnnotationError) as caught:
        anchor_file(path, texts, **options)
    return [str(fault).replace(f"{path.parent}/", "") for fault in caught.value.faults]


HEAD = f"document: {{source: x.txt, sha256: {DIGEST}, length: {len(TEXT)}, sentences: {STARTS}}}\n"


@cases("annotation/cases/anchoring.yaml")
def test_what_is_missing_is_written_and_the_rest_kept(tmp_path: Path, case: Any) -> None:
    """A second run changes nothing."""
    before, after = (
        case[when].replace("HEAD\n", HEAD).replace("DIGEST", DIGEST) for when in ("before", "after")
    )
    path = folder(tmp_path, before)
    anchor_file(path, tmp_path)
    assert path.read_bytes().decode() == after
    report = anchor_file(path, tmp_path)
    assert (report.findings, report.written) == ((), False)
    assert path.read_bytes().decode() == after


def test_a_hard_wrapped_text_is_told_so_in_its_document(tmp_path: Path) -> None:
    """A passage runs over its lines, so that no condition is cut off; who knows better says so."""
    text = (
        "The boards should sign off the plans of every parish,\nas the report has it, unless the "
        "trust has found that\na parish cannot bear the cost. It rained.\n"
    )
    path = folder(tmp_path, "document:\n  source: x.txt\nclaims:\n  - quote: sign off\n", text)
    anchor_file(path, tmp_path)
    written = path.read_text("utf-8")
    assert "\n  paragraphs: blank-lines\n  sentences: 0 139\n" in written
    assert f"at: [0, {text.index(' It rained')}]" in written
    assert not anchor_file(path, tmp_path).written
    path.write_text(written.replace("blank-lines", "lines"), "utf-8")
    anchor_file(path, tmp_path)
    assert "at: [0, 53]" in path.read_text("utf-8")
    assert "\n  paragraphs: lines\n  sentences: 0 / 54 / 108 139\n" in path.read_text("utf-8")


def test_lines_that_end_amid_a_sentence_are_told_unless_the_document_says_how_to_read_them(
    tmp_path: Path,
) -> None:
    text = "The boards sign off, but only if\nthe trust\nagrees. It\nrained.\nAll wept\nand so on"
    path = folder(tmp_path, "document:\n  source: x.txt\nclaims:\n  - quote: sign off\n", text)
    report = anchor_file(path, tmp_path)
    assert report.note.startswith(
        "a sentence seems cut off at the end of line 1, 2, 3, … of x.txt;"
    )
    path.write_text(path.read_text("utf-8").replace("x.txt", "x.txt\n  paragraphs: lines"), "utf-8")
    assert not anchor_file(path, tmp_path).note
    assert not anchor_file(folder(tmp_path, "document:\n  source: x.txt\n"), tmp_path).note


def test_checking_reports_and_writes_nothing(tmp_path: Path) -> None:
    before = "document:\n  source: x.txt\nclaims:\n  - quote: One\n  - {quote: Two, at: [1, 2]}\n"
    path = folder(tmp_path, before)
    report = anchor_file(path, tmp_path, check=True)
    assert [str(fault).replace(f"{path}:", "") for fault in report.findings] == [
        "2:3: 'length' is missing; it is 33",
        "2:3: 'sentences' is missing",
        f"2:3: 'sha256' is missing; it is {DIGEST}",
        "4:5: 'at' is missing; it is [0, 4]",
        "5:22: 'at' is [1, 2], and should be [5, 11]",
    ]
    assert (report.passages, report.written) == (2, False)
    assert path.read_bytes().decode() == before


def test_another_text_is_refused_unless_accepted(tmp_path: Path) -> None:
    path = folder(tmp_path, HEAD + "claims:\n  - quote: Two\n", text="Nil. " + TEXT)
    before = path.read_bytes()
    digest = hashlib.sha256(("Nil. " + TEXT).encode()).hexdigest()
    message = (
        "x.yaml:1:35: x.txt is not the text that was annotated: its SHA-256 begins "
        f"{digest[:12]}, the one recorded {DIGEST[:12]}; "
        "find the text that was, or accept this one with --update-digest"
    )
    assert faults(path, tmp_path) == [message]
    assert path.read_bytes() == before
    anchor_file(path, tmp_path, update_digest=True)
    source = read_source(path)
    assert source.data["document"] == {
        "source": "x.txt",
        "sha256": digest,
        "length": "38",
        "sentences": "0 5 10 / 20 33",
    }
    assert source.data["claims"] == [{"quote": "Two", "at": ["10", "16"]}]


@cases("annotation/cases/anchor-faults.yaml")
def test_all_faults_of_a_file_are_told_and_nothing_is_written(tmp_path: Path, case: Any) -> None:
    before = case["annotation"].replace("HEAD\n", HEAD)
    path = folder(tmp_path, before)
    expected = [f"x.yaml:{fault.replace('TEXTS', str(tmp_path))}" for fault in case["faults"]]
    assert faults(path, tmp_path) == expected
    assert path.read_bytes().decode() == before


def test_texts_that_cannot_be_read(tmp_path: Path) -> None:
    """A name too long for a file is a text that is not there."""
    path = folder(tmp_path, f"document: {{source: {'y' * 300}}}\n")
    message = f"the text '{'y' * 300}' is not in {tmp_path}; pass the folder that holds it"
    assert faults(path, tmp_path) == [f"x.yaml:1:20: {message}"]
    path = folder(tmp_path, "document: {source: x.txt}\n")
    (tmp_path / "x.txt").write_bytes(b"caf\xe9")
    assert faults(path, tmp_path) == ["x.txt:1: the text is not UTF-8: byte 0xE9 at offset 3"]


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mode and link are kept, and no other file is left."""
    path = folder(tmp_path, "document: {source: x.txt}\n")
    path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fail)
        with pytest.raises(InputError, match="cannot be written: No space left on device"):
            anchor_file(link, tmp_path)
    assert path.read_bytes() == b"document: {source: x.txt}\n"
    assert anchor_file(link, tmp_path).written
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.yaml", "x.txt", "x.yaml"]


def test_the_invented_corpus_is_anchored(
    project: Project, vocabulary: Vocabulary, document_path: Path
) -> None:
    before, texts = document_path.read_text("utf-8"), project.root / "texts"
    report = anchor_file(document_path, texts)
    assert (report.passages, len(report.findings), report.written) == (8, 11, True)
    written = re.compile(r"^ *(at|sha256|length|sentences): .*\n|, at: \[\d+, \d+\]", re.MULTILINE)
    assert written.sub("", document_path.read_text("utf-8")) == before
    anew = read_corpus(project, vocabulary)
    assert check_anchored(anew.documents) == []
    text = (texts / "gazette-boards.txt").read_bytes().decode()
    found = [text[slice(*(part.at or (0, 0)))] for _, part in anew.documents[0].passages()]
    board = "“The county board should sign off local plans."
    assert [found[index] for index in (0, 1, 3, -1)] == [
        board,
        "County boards may get the last word",
        f"The trust would keep its almshouses, Mr. Harding said. {board}",
        "It rained all day.",
    ]


quotes = st.sampled_from(["One", "Two", "Three", "four", "Five", "Two 😀"])
befores = st.sampled_from(["", "note: a # b", "# note", "note: '#'"])
afters = st.sampled_from(["", "at: [1, 2]", "# note", "through: Five"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(quotes, befores, afters, st.booleans()), max_size=5), st.booleans())
def test_any_layout_comes_out_anchored_and_else_unchanged(
    tmp_path: Path, claims: list[tuple[str, str, str, bool]], windows: bool
) -> None:
    """The data gains positions only, every other byte stays, and a second run is idle."""
    text = HEAD + ("claims:\n" if claims else "")
    for quote, before, after, flow in claims:
        fields = [before, f'quote: "{quote}"', after]
        if flow:
            inner = ", ".join(field for field in fields if field and "#" not in field)
            text += f"  - {{{inner}}}  # x\n"
        else:
            text += "  - id: x\n" + "".join(f"    {field}\n" for field in fields)
    text = text.replace("\n", "\r\n") if windows else text
    path = folder(tmp_path, text)
    anchor_file(path, tmp_path)
    result = path.read_bytes().decode()
    assert ("\r\n" in result) == windows
    assert not anchor_file(path, tmp_path).written
    stripped = re.compile(r"^ *at: .*\r?\n|(, )?at: \[\d+, \d+\](, )?", re.MULTILINE)
    assert stripped.sub("", result) == stripped.sub("", text)
    data = read_source(path).data
    assert all(claim["at"] for claim in data.get("claims", []))
