"""Oxygen in skin by depth: what comes in from the air, what blood brings, and what tissue uses.

    d/dx (K dP/dx) = M P / (P + P_half) - k (P_blood - P)         P in mmHg at depth x

K is conductivity (diffusion times solubility), M what tissue uses, k how readily capillaries give. At the surface P is
that of air, or nothing passes where it is sealed; below the skin nothing passes. Capillaries begin below the epidermis.
All their blood has the pressure P_blood with which it leaves, so that what tissue gets is what blood loses (Fick): flow
times the fall of its content. The state is steady. Without flow blood gives nothing.

Finite volumes, each layer in even cells, so that uptake and delivery sum to consumption; solved by Newton's method.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from venolymph.errors import SimulationError, VenolymphError
from venolymph.skin.chromophores import Numbers, numbers

STEPS = 60
TOLERANCE = 1e-10
"""Sum of all imbalances, over the most that the whole depth can use."""
BEGUN = 50.0
"""Pressure at which the search begins where none is known, mmHg."""
MM = 10.0
"""Millimetres in a centimetre."""
PER_AREA = 60.0 * 1e4
"""From mL/s to the cm2 to mL/min to the square metre."""
SHARES = (0.15, 0.25, 0.6)
"""Shares of the cells that horny layer, living epidermis and dermis get."""


@dataclass(frozen=True)
class OxygenProfile:
    """Oxygen in skin, steady.

    Attributes:
        depth: middles of the cells below the surface, mm, shape c.
        pressure: oxygen there, mmHg, shape c.
        uptake: what comes in from the air, mL/min to the square metre.
        delivery: what blood gives, in the same unit.
        consumption: what tissue uses, in the same unit.
        blood: oxygen pressure of the blood that leaves, mmHg.
        supplied_by_air: depth above which tissue uses as much as comes from the air, mm.
    """

    depth: Float[np.ndarray, " c"]
    pressure: Float[np.ndarray, " c"]
    uptake: float
    delivery: float
    consumption: float
    blood: float
    supplied_by_air: float

    def at(self, depth: float) -> float:
        """Oxygen pressure at a depth in mm, mmHg."""
        return float(np.interp(depth, self.depth, self.pressure))


@dataclass(frozen=True)
class _Cells:
    """Cells from the surface down, to each cm2 of it (cm, mL, s, mmHg).

    Attributes:
        edges: depths between them, cm.
        surface: conductance from the air to the first.
        between: conductance from each to the next.
        use: what each uses at most.
        give: what capillaries give each for every mmHg.
        brought: blood that comes, mL/s.
    """

    edges: np.ndarray
    surface: float
    between: np.ndarray
    use: np.ndarray
    give: np.ndarray
    brought: float


def _cells(known: Numbers, count: int, flow: float, swelling: float, sealed: bool) -> _Cells:
    horny, living = known["oxygen.horny"], known["oxygen.epidermis"] - known["oxygen.horny"]
    dermis = known["oxygen.depth"] - known["oxygen.epidermis"]
    counts = [max(2, round(share * count)) for share in SHARES]
    widths = [horny / counts[0], living / counts[1], dermis * swelling / counts[2]]
    conductivity = known["oxygen.conductivity"]
    use = known["oxygen.use"]
    give = known["oxygen.give"] / swelling if flow > 0.0 else 0.0
    width = np.repeat(widths, counts)
    half = (
        width / 2.0 / np.repeat([conductivity * known["oxygen.horny_conductivity"], conductivity, conductivity], counts)
    )
    return _Cells(
        edges=np.r_[0.0, np.cumsum(width)],
        surface=0.0 if sealed else 1.0 / half[0],
        between=1.0 / (half[:-1] + half[1:]),
        use=width * np.repeat([0.0, use * known["oxygen.epidermis_use"], use / swelling], counts),
        give=width * np.repeat([0.0, 0.0, give], counts),
        brought=flow * known["oxygen.flow"] * known["oxygen.depth"],  # swelling brings no blood
    )


def _content(pressure: float, known: Numbers) -> tuple[float, float]:
    """Oxygen in blood, mL/mL, and its slope by pressure (Hill)."""
    power, half = known["oxygen.hill"], known["oxygen.half_saturation"]
    ratio = (pressure / half) ** power
    bound = known["oxygen.capacity"]
    return bound * ratio / (1.0 + ratio), bound * power * ratio / (pressure * (1.0 + ratio) ** 2)


def oxygen_profile(
    *,
    flow: float = 1.0,
    swelling: float = 1.0,
    sealed: bool = False,
    cells: int = 240,
    known: Numbers | None = None,
) -> OxygenProfile:
    """Steady oxygen in skin.

    Args:
        flow: blood flow over that at rest; 0 shuts it off.
        swelling: volume of the dermis over that at rest; what uses and brings oxygen in it is diluted.
        sealed: whether the surface lets nothing through.
        cells: how many the depth is divided into.
        known: numbers of skin; the packaged ones if None.

    Raises:
        VenolymphError: where flow, swelling or the number of cells is outside its limits.
        SimulationError: where Newton's method finds no solution.
    """
    allowed = (("flow", flow, 0.0, 10.0), ("swelling", swelling, 0.5, 3.0), ("cells", cells, 20, 5000))
    for name, value, low, high in allowed:
        if not low <= value <= high:
            raise VenolymphError(f"found {value}; allowed are {low:g} to {high:g}", place=name)
    known = numbers() if known is None else known
    grid = _cells(known, cells, flow, swelling, sealed)
    pressure, blood = _settled(grid, known)
    used = grid.use * pressure / (pressure + known["oxygen.half_use"])
    uptake = grid.surface * (known["oxygen.air"] - pressure[0])
    whole = np.r_[0.0, np.cumsum(used)]
    return OxygenProfile(
        depth=MM * (grid.edges[:-1] + grid.edges[1:]) / 2.0,
        pressure=pressure,
        uptake=PER_AREA * uptake,
        delivery=PER_AREA * float((grid.give * (blood - pressure)).sum()),
        consumption=PER_AREA * float(used.sum()),
        blood=blood,
        supplied_by_air=MM * float(np.interp(uptake, whole, grid.edges)) if uptake > 0.0 else 0.0,
    )


def _settled(grid: _Cells, known: Numbers) -> tuple[np.ndarray, float]:
    """Pressures of the cells and of blood at which all balances close, by Newton's method."""
    air, half = known["oxygen.air"], known["oxygen.half_use"]
    arterial = _content(known["oxygen.arterial"], known)[0]
    count = len(grid.use)
    pressure, blood = np.full(count, air if grid.surface else BEGUN), BEGUN
    for _ in range(STEPS):
        step = grid.between * np.diff(pressure)
        balance = grid.give * (blood - pressure) - grid.use * pressure / (pressure + half)
        balance[:-1] += step
        balance[1:] -= step
        balance[0] += grid.surface * (air - pressure[0])
        content, slope = _content(blood, known)
        fick = grid.brought * (arterial - content) - (grid.give * (blood - pressure)).sum()
        if np.abs(balance).sum() + abs(fick) < TOLERANCE * grid.use.sum():
            return pressure, blood
        own = -grid.use * half / (pressure + half) ** 2 - grid.give
        own[:-1] -= grid.between
        own[1:] -= grid.between
        own[0] -= grid.surface
        matrix = np.zeros((count + 1, count + 1))
        matrix[:count, :count] = np.diag(own) + np.diag(grid.between, 1) + np.diag(grid.between, -1)
        matrix[:count, count] = matrix[count, :count] = grid.give
        # blood that stands still takes part in nothing: its pressure is kept
        matrix[count, count] = -grid.brought * slope - grid.give.sum() if grid.brought else 1.0
        change = np.linalg.solve(matrix, -np.r_[balance, fick])
        # a step that would leave less than nothing is shortened
        pressure = np.maximum(pressure + change[:-1], pressure / 10.0)
        blood = max(blood + float(change[-1]), blood / 10.0)
    raise SimulationError(
        f"oxygen of skin did not settle in {STEPS} steps", hint="use numbers nearer to the packaged ones"
    )
