"""Make the table of colours of skin, `src/venolymph/skin/colours.npz`, from light in layers.

python scripts/make_skin_table.py            # prints how far the table lies from exact colours between its nodes
python scripts/make_skin_table.py --write    # reckons it anew and writes it (minutes)
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from venolymph.skin import lookup

FILE = Path(lookup.__file__).parent / "colours.npz"
TRIED = 200


def write() -> None:
    """Reckon all nodes, melanin by melanin, and write them."""
    shape = tuple(len(nodes) for nodes in lookup.AXES.values())
    lab = np.zeros((len(lookup.PLACES), *shape, 3), np.float32)
    rest = np.meshgrid(*list(lookup.AXES.values())[1:], indexing="ij")
    for number, place in enumerate(lookup.PLACES):
        for row, melanin in enumerate(lookup.AXES["melanin"]):
            lab[number, row] = np.moveaxis(lookup.exact(place, melanin, *rest), 0, -1)
            print(place, melanin, flush=True)
    axes: dict[str, Any] = {name: np.array(nodes) for name, nodes in lookup.AXES.items()}
    np.savez_compressed(FILE, places=np.array(list(lookup.PLACES)), lab=lab, **axes)


def off() -> dict[str, np.ndarray]:
    """Colour difference between table and exact colours at random places between nodes, by place."""
    table, random = lookup.skin_table(), np.random.default_rng(1)
    found = {}
    for place in table.places:
        melanins, *rest = table.axes.values()
        others = [random.uniform(nodes[0], nodes[-1], TRIED) for nodes in rest]
        melanin = np.exp(random.uniform(np.log(melanins[0]), np.log(melanins[-1]), TRIED))
        apart = table.lab(place, melanin, blood=others[0], oxygenation=others[1], water=others[2])
        found[place] = np.sqrt(((apart - lookup.exact(place, melanin, *others)) ** 2).sum(0))
    return found


def main() -> None:
    """Write where asked, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="reckon the table anew and write it")
    if parser.parse_args().write:
        write()
    for place, apart in off().items():
        print(f"{place}: dE* {apart.mean():.2f} in the mean, {apart.max():.2f} at most")


if __name__ == "__main__":
    main()
