"""Writes src/venolymph/viewer/assets/vendor/: libraries that the viewer runs on, from npm's packages, made small.

    python scripts/vendor_viewer.py

Needs npm and its registry; what was written is kept in the repository, so that neither is needed to install or to run.
`vendor.toml` beside the files says where each came from, under which licence, and its SHA-256. To take another
version, change `PACKAGES`, with the digest that `npm view NAME@VERSION dist.integrity` gives.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "src" / "venolymph" / "viewer" / "assets" / "vendor"
ESBUILD = "esbuild@0.28.2"
"""What makes scripts small: names and blanks only, no module is joined with another."""


@dataclass(frozen=True)
class Package:
    """A package of npm.

    Attributes:
        files: path in the package, name here, and the module name by which scripts import it ("" for a style sheet).
        renamed: module names in its scripts that get another name.
    """

    name: str
    version: str
    licence: str
    integrity: str
    files: tuple[tuple[str, str, str], ...]
    renamed: tuple[tuple[str, str], ...] = ()


PACKAGES = (
    Package(
        "three",
        "0.187.0",
        "MIT",
        "sha512-Qiu7R+Cmh8CstZsY1uJOSWnVlfo7ZtNLV7mF8Jltk3LB3AtDu9cRZlcnRKkAk8Y4z6KKw35z7Y7Urd7jWY8etA==",
        (
            ("build/three.module.js", "three.module.min.js", "three"),
            ("build/three.core.js", "three.core.min.js", "three/core"),
        ),
        (("./three.core.js", "three/core"),),
    ),
    Package(
        "uplot",
        "1.6.32",
        "MIT",
        "sha512-KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw==",
        (("dist/uPlot.esm.js", "uplot.min.js", "uplot"), ("dist/uPlot.min.css", "uplot.min.css", "")),
    ),
)


def fetch(package: Package, folder: Path) -> Path:
    """The unpacked package, whose digest is the expected one."""
    said = ["npm", "pack", "--silent", "--pack-destination", str(folder), f"{package.name}@{package.version}"]
    subprocess.run(said, check=True, capture_output=True)
    archive = folder / f"{package.name}-{package.version}.tgz"
    digest = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != package.integrity:
        raise SystemExit(f"{archive.name} has the digest {digest}; expected is {package.integrity}")
    with tarfile.open(archive) as packed:
        packed.extractall(folder / package.name, filter="data")
    return folder / package.name / "package"


def made_small(source: Path, package: Package) -> bytes:
    """A script without comments and with short names; a style sheet as it is."""
    if source.suffix != ".js":
        return source.read_bytes()
    said = ["npx", "--yes", ESBUILD, "--minify", "--format=esm", "--legal-comments=inline", str(source)]
    text = subprocess.run(said, check=True, capture_output=True, text=True).stdout
    for old, new in package.renamed:
        text = text.replace(f'"{old}"', f'"{new}"')
    return text.encode()


def main() -> None:
    """Write the files and the table of them."""
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    table = ["# Written by scripts/vendor_viewer.py. Made small by " + ESBUILD + "."]
    with tempfile.TemporaryDirectory() as temporary:
        for package in PACKAGES:
            root = fetch(package, Path(temporary))
            licence = f"{package.name}.LICENSE"
            shutil.copyfile(root / "LICENSE", TARGET / licence)
            for path, name, module in package.files:
                content = made_small(root / path, package)
                (TARGET / name).write_bytes(content)
                rows = {
                    "name": name,
                    "module": module,
                    "package": package.name,
                    "version": package.version,
                    "licence": package.licence,
                    "licence_file": licence,
                    "source": path,
                    "integrity": package.integrity,
                    "sha256": hashlib.sha256(content).hexdigest(),
                }
                table += ["", "[[file]]", *(f'{key} = "{value}"' for key, value in rows.items())]
    (TARGET / "vendor.toml").write_text("\n".join(table) + "\n", "utf-8")


if __name__ == "__main__":
    main()
