from __future__ import annotations

from pathlib import Path

import pytest

from nhskg.annotation.corpus import check_coverage, measure_coverage
from nhskg.annotation.reader import read_corpus
from nhskg.annotation.texts import read_text
from nhskg.annotation.writer import anchor_file
from nhskg.project import Project, shipped_data
from nhskg.vocabulary import Vocabulary


def test_each_sentence_is_accounted_for_by_claim_or_reason(
    project: Project, vocabulary: Vocabulary, document_path: Path
) -> None:
    """A passage without a position accounts for nothing."""
    text = read_text(project.root / "texts" / "gazette-boards.txt")
    document = read_corpus(project, vocabulary).documents[0]
    assert [each[1:] for each in measure_coverage(document, text)] == [((), ())] * 5
    anchor_file(document_path, project.root / "texts")
    document = read_corpus(project, vocabulary).documents[0]
    coverage = measure_coverage(document, text)
    assert [(sentence.line, *found) for sentence, *found in coverage] == [
        (1, ("board-sign-off",), ()),
        (3, ("trust-keeps",), ()),
        (3, ("board-sign-off", "trust-keeps"), ()),
        (3, ("board-sign-off", "pleased", "silent", "dated"), ()),
        (5, (), ("weather, nothing about powers or money",)),
    ]
    assert check_coverage(document, text) == []


def test_what_is_not_accounted_for_is_told(
    project: Project, vocabulary: Vocabulary, document_path: Path
) -> None:
    source = document_path.read_text("utf-8").replace("It rained", "hold the purse")
    source = source.replace('quote: "would keep"', 'quote: "may"')
    document_path.write_text(source.replace('    through: "sign off"\n', ""), "utf-8")
    anchor_file(document_path, project.root / "texts")
    document = read_corpus(project, vocabulary).documents[0]
    text = read_text(project.root / "texts" / "gazette-boards.txt")
    missing = "3:3: nothing accounts for the sentence on line {} of gazette-boards.txt: {} …"
    told = [str(each).replace(f"{document_path}:", "") for each in check_coverage(document, text)]
    assert told == [
        missing.format(3, "The trust would keep its almshouses,"),
        (
            "75:3: line 3 of gazette-boards.txt has claims and a no_claim entry too: "
            "It could also hold the purse,” …"
        ),
        missing.format(5, "It rained all day."),
    ]


@pytest.mark.texts
def test_every_sentence_of_the_texts_is_accounted_for(texts: Path, vocabulary: Vocabulary) -> None:
    corpus = read_corpus(Project.locate(shipped_data()), vocabulary)
    for document in corpus.documents:
        assert check_coverage(document, read_text(texts / document.header.source)) == []
        assert anchor_file(document.source.path, texts, check=True).findings == ()
