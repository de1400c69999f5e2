"""Execute the tutorial's notebooks and keep what they show: `python scripts/make_notebooks.py [NAME ...]`.

Needs `nbclient` and `ipykernel`. Times of day, paths and versions of the machine are left out of what is kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat  # pyright: ignore[reportMissingImports]
from nbclient import NotebookClient  # pyright: ignore[reportMissingImports]

FOLDER = Path(__file__).parents[1] / "docs" / "tutorial" / "notebooks"


def main(names: list[str]) -> None:
    """Execute these notebooks, or all."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        if names and path.stem not in names:
            continue
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": "/tmp"}}).execute()
        notebook.metadata = {"language_info": {"name": "python"}}
        for number, cell in enumerate(notebook.cells):
            cell.id = f"cell-{number}"
            cell.metadata = {}
            if cell.cell_type == "code":
                cell.outputs = [one for one in cell.outputs if one.output_type != "stream" or one.name != "stderr"]
        nbformat.write(notebook, path)
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
