"""A wheel of the project, installed by itself in a bare environment, is the whole program."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import venolymph as vl

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
Installed = Callable[..., str]


def do(*words: str | Path, folder: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PIP_"))}
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # the builder is among what tests need, so that nothing is downloaded
    words = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder, ".")
    do(sys.executable, *words, folder=ROOT)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Runs the installed command in an empty folder; gives what it prints."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    words = ("--python", python, "install", "--quiet", "--no-deps", "--no-index", "--no-compile", wheel)
    do(sys.executable, "-m", "pip", *words, folder=folder)
    # it sees the packages that it needs, and no source tree
    (site,) = (folder / "env" / "lib").glob("python*/site-packages")
    (site / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = do(python, "-c", "import venolymph; print(venolymph.__file__)", folder=folder)
    assert Path(where.strip()).is_relative_to(site)
    return lambda *words: do(folder / "env" / "bin" / "venolymph", *words, folder=folder)


def test_every_file_of_the_package_is_in_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    files = {
        str(path.relative_to(SOURCE))
        for path in (SOURCE / "venolymph").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert not files - inside
    assert {Path(name).suffix for name in files} >= {".py", ".toml", ".yaml", ".css", ".js", ".bib"}
    assert any(name.endswith("words/en.toml") for name in files)


def test_what_is_installed_works(installed: Installed) -> None:
    assert installed("--version").strip() == vl.__version__
    assert "mild-varicose" in installed("people")
    assert "leg-massage" in installed("regimens")
    assert "massage-removes-toxins" in installed("evidence")
    assert "--answers" in installed("screen", "--help")
    assert "that no session may do" in installed("lint", "--help")
