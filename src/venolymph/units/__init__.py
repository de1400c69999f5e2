"""Text with units becomes numbers here, at the border; equations never see text.

Inside, lengths are cm, pressures mmHg, volumes mL, times s, angles rad, temperatures degrees Celsius, masses kg and
ages years. `quantity("35 mmHg", "mmHg")` reads one quantity. In documents, fields have the types `Length`,
`Pressure` and so on: their values are `Quantity`, a float in the internal unit that remembers how it was written, so
that a document comes out as it went in.

The units that people write every day are read from a small table (held to pint by a test); pint itself, slow to
import, is only asked about the others.
"""

from venolymph.units.kinds import (
    AGE,
    ANGLE,
    DURATION,
    FLOW,
    LENGTH,
    MASS,
    POWER,
    PREGNANCY,
    PRESSURE,
    RATE,
    SHARE,
    SPAN,
    SPEED,
    TEMPERATURE,
    VOLUME,
    WEEKLY,
    Age,
    Angle,
    Duration,
    Flow,
    Kind,
    Length,
    Mass,
    Power,
    Pressure,
    Rate,
    Share,
    Speed,
    Temperature,
    Volume,
)
from venolymph.units.messages import refusal, show
from venolymph.units.quantities import Quantity, number, numbers_meant, quantity, whole
from venolymph.units.table import dimension
