import importlib
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OUTSIDE = {"tests", "benchmarks", "docs", "build", "dist"}
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
HEAVY = {"lmfit", "numba", "numpy", "plotly", "qcodes", "qick", "scipy", "xarray"}


def inside(path):
    parts = path.relative_to(ROOT).parts
    return not any(part in OUTSIDE or part.startswith(".") or part.endswith(".egg-info") for part in parts)


def package_folders():
    yield ROOT
    for folder, _, files in os.walk(ROOT):
        if "__init__.py" in files and Path(folder) != ROOT and inside(Path(folder)):
            yield Path(folder)


def test_the_declared_packages_are_the_folders_that_hold_an_init():
    found = {".".join(("coldlink", *folder.relative_to(ROOT).parts)) for folder in package_folders()}
    assert sorted(SETUPTOOLS["packages"]) == sorted(found)
    assert SETUPTOOLS["package-dir"] == {"coldlink": "."}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """What the wheel holds, built from a copy so that nothing is left in the checkout."""
    place = tmp_path_factory.mktemp("wheel")
    ignored = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", *OUTSIDE)
    shutil.copytree(ROOT, place / "source", ignore=ignored)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, place / "source"]
    built = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")
    assert built.returncode == 0, built.stdout + built.stderr
    (file,) = place.glob("*.whl")
    return set(zipfile.ZipFile(file).namelist())


def test_the_wheel_puts_nothing_beside_the_package(wheel):
    assert {name.split("/")[0] for name in wheel} == {"coldlink", "coldlink-0.1.0.dist-info"}
    assert {name for name in wheel if name.count("/") == 1 and name.startswith("coldlink/")} == {
        "coldlink/__init__.py",
        "coldlink/py.typed",
    }


def test_the_wheel_holds_every_module_and_every_data_file(wheel):
    expected = {
        f"coldlink/{file.relative_to(ROOT).as_posix()}"
        for folder in ("analysis", "calibration", "instruments", "physics", "sequences", "stations")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in (".py", ".json", ".html", ".yaml")
    }
    assert {name for name in wheel if name.startswith("coldlink/") and name.count("/") > 1} == expected
    assert "coldlink/stations/report.html" in wheel


@pytest.mark.parametrize("package", sorted(SETUPTOOLS["packages"]))
def test_a_package_can_be_imported_and_offers_what_its_all_says(package):
    module = importlib.import_module(package)
    missing = [name for name in getattr(module, "__all__", ()) if not hasattr(module, name)]
    assert not missing


def imported_by(*arguments):
    """The modules in memory after a command line has answered."""
    script = (
        "import sys\nfrom coldlink.stations.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit as e:\n"
    )
    script += "    assert not e.code\nprint(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", script, *arguments]
    answer = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    return {name.split(".")[0] for name in answer.stderr.split()}


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("--version",)])
def test_help_imports_nothing_heavy(arguments):
    modules = imported_by(*arguments)
    assert "coldlink" in modules
    assert not modules & HEAVY


def test_the_readme_begins_with_the_two_commands_in_both_forms():
    top = (ROOT / "README.md").read_text(encoding="utf-8")[:3000]
    for command in (
        "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/coldlink run handshake sim_4k",
        'python3 -m venv .venv && .venv/bin/pip install -e ".[test]" && .venv/bin/pytest',
        r".venv\Scripts\coldlink run handshake sim_4k",
        r".venv\Scripts\pytest",
    ):
        assert command in top
