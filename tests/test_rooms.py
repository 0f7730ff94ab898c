"""``tools.check_rooms``: what exceeds its number of lines or modules is named."""

from __future__ import annotations

from pathlib import Path

from tools.check_rooms import check_rooms

ALLOWED = """
[tool.check_rooms.rooms]
"src/nhskg/rdf/**/*.py" = 5
"tests/**/*.py" = 1
"[!.]*/**/*.py" = 7
[tool.check_rooms.modules]
number = 2
longest = 3
"""


def test_each_number_that_is_exceeded_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(ALLOWED, "utf-8")
    for name, lines in (("terms", 3), ("deep/paths", 2), ("../cli", 1), ("../../../tests/t", 1)):
        path = tmp_path / "src" / "nhskg" / "rdf" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("pass\n" * lines, "utf-8")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "ignored.py").write_text("pass\n", "utf-8")
    assert check_rooms(tmp_path) == ["src: 3 modules, 2 allowed"]
    (tmp_path / "tests" / "t.py").unlink()
    terms = tmp_path / "src" / "nhskg" / "rdf" / "terms.py"
    terms.write_text("pass\n" * 5, "utf-8")
    assert check_rooms(tmp_path) == [
        "src/nhskg/rdf/**/*.py: 7 lines, 5 allowed",
        "tests/**/*.py: no such files",
        "[!.]*/**/*.py: 8 lines, 7 allowed",
        "src: 3 modules, 2 allowed",
        "src/nhskg/rdf/terms.py: 5 lines, 3 allowed",
    ]
