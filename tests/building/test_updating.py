"""A build after an edit: the same store as from nothing, and only what the edit bears on redone."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nhskg.annotation.bounds import MAX_BYTES
from nhskg.building import assemble, build_project, publishing, validate_project
from nhskg.building.memory import Inputs, look_at
from nhskg.building.report import Assembled, BuildReport, count_figures
from nhskg.errors import AnnotationError
from nhskg.graph.store import open_published
from nhskg.project import Project
from nhskg.release.dump import dump

from .edits import change_one

BARCHESTER = Path(__file__).parents[1] / "corpora" / "barchester"
Raw = dict[str, Any]
Edit = Callable[[Raw, st.DrawFn], None]

WORDS = {
    "modality": ["would", "could", "should", "in-force", "considered", "favoured", "will-not"],
    "power": ["sign-off", "draw-up-plan", "control-budget", "lead-consultation", "decision-power"],
    "action": ["confer", "remove", "retain", "permit", "require"],
    "quantity": ["some", "largely"],
    "polarity": ["affirms", "denies"],
    "deontic": ["as-permission", "as-duty"],
    "qualifier": ["jointly", "such-as"],
    "voice": ["direct-quote", "reported-speech", "document-text"],
}


@st.composite
def edits(draw: st.DrawFn) -> Callable[[Path], None]:
    """An edit of one file of a corpus, with as many changes as an editor makes between saves."""
    kinds = st.sampled_from(["word", "word", "word", "thing", "drop", "copy", "move", "label"])
    wanted = draw(st.lists(st.tuples(kinds, st.integers(0, 10_000)), min_size=1, max_size=3))
    which = draw(st.sampled_from(["gazette-boards", "chronicle-reply", "plans", "matters"]))

    def edit(root: Path) -> None:
        folder = "documents" if which in ("gazette-boards", "chronicle-reply") else "register"
        path = root / "seeds" / folder / f"{which}.yaml"
        data = yaml.safe_load(path.read_text("utf-8"))
        for kind, number in wanted:
            (change_claims if folder == "documents" else change_things)(data, kind, number)
        path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), "utf-8")

    return edit


def change_claims(data: Raw, kind: str, number: int) -> None:
    claims = data["claims"]
    claim = claims[number % len(claims)]
    other = claims[number // 7 % len(claims)]
    if kind == "drop":
        claims.remove(claim)
    elif kind == "copy":
        claims.append({**copy.deepcopy(claim), "id": f"copy-{number}"})
    elif kind == "label":
        claim["note"] = f"note {number}"
    elif kind == "move" and "at" in claim and "at" in other:
        claim["at"], claim["quote"] = other["at"], other["quote"]
    else:
        names = sorted(WORDS if kind == "word" else {"plan", "matter", "to", "from", "gate"})
        present = [name for name in names if name in claim] or names
        name = present[number % len(present)]
        if kind == "word":
            claim[name] = WORDS[name][number % len(WORDS[name])]
        elif name in other:
            claim[name] = other[name]
        else:
            claim.pop(name, None)


def change_things(data: Raw, kind: str, number: int) -> None:
    section = sorted(data)[number % len(data)]
    things = data[section]
    thing, other = things[number % len(things)], things[number // 7 % len(things)]
    if kind == "label":
        thing["label"] = f"{thing['label']} {number}"
    elif kind == "copy":
        things.append({**copy.deepcopy(thing), "id": f"copy-{number}", "label": f"Copy {number}"})
    elif kind == "drop" and number % 3 == 0:
        things.remove(thing)
    else:
        for name in ("baseline", "broader"):
            if name in thing and other["id"] != thing["id"]:
                thing[name] = other["id"] if isinstance(thing[name], str) else [other["id"]]


def outcome(work: Callable[[], Any]) -> Any:
    """Return what a build comes to: a report, or the faults that it tells."""
    try:
        return work()
    except AnnotationError as error:
        return sorted(map(str, error.faults))


def test_builds_after_edits_are_as_from_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same store byte for byte when dumped, the same counts, findings and faults."""
    whole = []

    @settings(
        max_examples=8,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(edits(), min_size=1, max_size=3))
    def after(changes: list[Callable[[Path], None]]) -> None:
        root = tmp_path_factory.mktemp("edited") / "barchester"
        shutil.copytree(BARCHESTER, root, ignore=shutil.ignore_patterns("build"))
        project = Project.locate(root)
        build_project(project)
        for change in changes:
            change(root)
            report = outcome(lambda: build_project(project))
            expected = outcome(lambda: assemble(project))
            if isinstance(report, BuildReport):
                whole.append(report.redone is not None and report.redone.whole)
                compare(report, expected, root)
            else:
                assert report == expected
        shutil.rmtree(root)

    after()
    assert False in whole


def compare(report: BuildReport, expected: Assembled, root: Path) -> None:
    assert report.findings == expected.findings
    figures = {name: count for name, count in report.figures.items() if name != "seconds"}
    assert figures == count_figures(expected)
    assert (report.published is None) == bool(report.violations)
    if report.published is not None:
        assert report.redone is not None
        one = dump(report.published.open(), root / "one")
        two = dump(expected.store, root / "two")
        for mine, theirs in zip(one, two, strict=True):
            assert mine.read_bytes() == theirs.read_bytes(), mine.name


def test_only_the_document_that_has_changed_is_read(barchester: Project) -> None:
    first = build_project(barchester)
    change_one(barchester, "modality: should", "modality: would")
    second = build_project(barchester)
    assert first.redone is not None
    assert second.redone is not None
    assert (first.redone.documents, first.redone.whole) == (2, True)
    assert (second.redone.documents, second.redone.whole) == (1, False)


def test_nothing_is_taken_from_a_build_with_another_ontology(barchester: Project) -> None:
    build_project(barchester)
    shutil.copytree(barchester.ontology, barchester.root / "ontology")
    with (barchester.root / "ontology" / "core.ttl").open("a") as file:
        file.write("# changed\n")
    again = build_project(Project.locate(barchester.root))
    assert again.redone is not None
    assert again.redone.whole


@pytest.mark.parametrize("damage", ["notes", "kinds", "deep", "work", "store", "gone"])
def test_a_damaged_memory_makes_a_build_from_nothing(barchester: Project, damage: str) -> None:
    published = build_project(barchester).published
    assert published is not None
    memory = published.folder / "memory"
    if damage == "notes":
        (memory / "notes.json").write_text("{")
    elif damage == "kinds":
        notes = json.loads((memory / "notes.json").read_text("utf-8"))
        notes["things"] = {name: ["no kind", "x"] for name in notes["things"]}
        (memory / "notes.json").write_text(json.dumps(notes))
    elif damage == "deep":
        (memory / "notes.json").write_text("[" * 400_000)
    elif damage == "store":
        (memory / "work" / "CURRENT").write_text("damaged")
    elif damage == "work":
        for path in (memory / "work").iterdir():
            path.unlink()
    else:
        shutil.rmtree(memory)
    change_one(barchester, "modality: should", "modality: would")
    report = build_project(barchester)
    assert report.redone is not None
    assert report.redone.whole
    assert report.published is not None


def test_faults_of_files_that_have_not_changed_are_told_too(barchester: Project) -> None:
    """A claim that another document names is gone: the fault is in the other document."""
    build_project(barchester)
    other = barchester.documents / "chronicle-reply.yaml"
    found = re.search(r"claim/gazette-boards/([\w-]+)", other.read_text("utf-8"))
    assert found is not None
    named = found[1]
    change_one(barchester, f"id: {named}\n", f"id: {named}-renamed\n")
    with pytest.raises(AnnotationError) as told:
        build_project(barchester)
    assert any(fault.place.path.name == other.name for fault in told.value.faults)


@pytest.mark.parametrize("command", [build_project, validate_project])
def test_a_file_that_cannot_be_read_is_told(
    barchester: Project, command: Callable[[Project], object]
) -> None:
    command(barchester)
    (barchester.documents / "folder.yaml").mkdir()
    with pytest.raises(AnnotationError, match=r"folder\.yaml"):
        command(barchester)


@pytest.mark.parametrize("folder", ["documents", "register"])
@pytest.mark.parametrize("command", [build_project, validate_project])
def test_what_is_no_file_is_told_and_never_read(
    barchester: Project, command: Callable[[Project], object], folder: str
) -> None:
    """A pipe nobody writes to would be waited for, and a device without end be read for ever."""
    os.mkfifo(barchester.seeds / folder / "pipe.yaml")
    (barchester.seeds / folder / "zero.yaml").symlink_to("/dev/zero")
    with pytest.raises(AnnotationError) as told:
        command(barchester)
    messages = {fault.place.path.name: fault.message for fault in told.value.faults}
    assert messages["pipe.yaml"] == messages["zero.yaml"] == "cannot be read: not a file"


def test_of_a_file_no_more_is_digested_than_is_read(barchester: Project) -> None:
    path = barchester.documents / "long.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    before = look_at(barchester, "compiled")
    with path.open("ab") as file:
        file.truncate(10**12)
    assert look_at(barchester, "compiled") == before


def test_a_name_that_is_not_utf_8_is_told(barchester: Project) -> None:
    path = barchester.documents / "gazette-\udcff.yaml"
    path.symlink_to("gazette-boards.yaml")
    with pytest.raises(AnnotationError, match=r"gazette-\\udcff\.yaml: .* not UTF-8; rename it"):
        build_project(barchester)
    path.rename(path.with_name(".hidden-\udcff.yaml"))
    assert build_project(barchester).published is not None


def add_document(project: Project, claims: int) -> Path:
    """Add a document with some of the claims of another."""
    data = yaml.safe_load((project.documents / "chronicle-reply.yaml").read_text("utf-8"))
    data["document"]["id"] = "chronicle-again"
    data["claims"] = data["claims"][:claims]
    path = project.documents / "chronicle-again.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), "utf-8")
    return path


def test_of_a_document_that_is_gone_not_even_the_graph_is_left(barchester: Project) -> None:
    path = add_document(barchester, 0)
    validate_project(barchester)
    kept = barchester.build / "checked"
    before = set(map(str, open_published(kept).open().named_graphs()))
    path.unlink()
    assert not validate_project(barchester).redone.whole
    graphs = set(map(str, open_published(kept).open().named_graphs()))
    assert graphs == set(map(str, assemble(barchester).store.named_graphs()))
    assert len(before - graphs) == 1


def test_a_register_file_of_another_ending_is_told(barchester: Project) -> None:
    change_one(barchester, "modality: should", "modality: would")
    build_project(barchester)
    inputs = look_at(barchester, "compiled")
    (barchester.register / "more.yml").write_text("bodies: []\n")
    assert look_at(barchester, "compiled").register != inputs.register
    with pytest.raises(AnnotationError, match=r"more\.yml"):
        build_project(barchester)


def test_a_document_that_comes_while_a_build_runs(
    barchester: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in the store, and the next build does not go on from this one."""
    build_project(barchester)

    def looked(project: Project, engine: str) -> Inputs:
        inputs = look_at(project, engine)
        if not (project.documents / "chronicle-again.yaml").exists():
            add_document(project, 1)
        return inputs

    monkeypatch.setattr(publishing, "look_at", looked)
    during = build_project(barchester)
    after = build_project(barchester)
    assert during.figures["documents"] == after.figures["documents"] == 3
    assert after.redone is not None
    if during.published is not None:
        assert after.redone.whole


def test_a_rule_that_changes_as_a_build_begins(
    barchester: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules that are run are those whose digests are kept."""
    shutil.copytree(barchester.ontology, barchester.root / "ontology")
    project = Project.locate(barchester.root)
    rule = next((project.ontology / "rules").glob("75_*.rq"))

    def looked(of: Project, engine: str) -> Inputs:
        rule.unlink(missing_ok=True)
        return look_at(of, engine)

    monkeypatch.setattr(publishing, "look_at", looked)
    report = build_project(project)
    assert report.figures["triples derived"] == count_figures(assemble(project))["triples derived"]
