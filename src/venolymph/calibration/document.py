"""What is calibrated, as a document: which numbers of a leg are free, what is believed of them, what else is predicted.

kind: calibration
version: 1
calibration: saphenous reflux
free:
  - {name: leak, of: valves.leak, at: great saphenous, prior: {lognormal: [1, 0.5]}}
predict:
  - {measure: ambulatory venous pressure, error: 3 mmHg}

Each free parameter is a factor on numbers of the leg. Without `prior` it comes of a figure: from its standard
deviation; else, where its basis is `assumed`, anything within its range; else a range that holds 90 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from venolymph import documents, figures
from venolymph.body.measured import PersonReading, reading_of
from venolymph.body.scaling import PUSH, ScaledNumbers
from venolymph.calibration.priors import SIDE, Prior
from venolymph.documents import Entry
from venolymph.errors import DocumentError, MeasureError, nearest
from venolymph.figures import Figure
from venolymph.measures import find
from venolymph.regimen import Regimen, load_regimen
from venolymph.units import refusal, show

MOST_FREE = 12
"""Parameters that may be free at once: each is one more leg in every round."""
_PRIORS = ("normal", "lognormal", "uniform")


class Free(ScaledNumbers):
    """A free parameter: a factor on numbers of a leg, which the attributes of `ScaledNumbers` name.

    Attributes:
        name: what it is called.
        prior: of the factor, `{normal: [mean, sd]}`, `{lognormal: [median, sd of the logarithm]}` or
            `{uniform: [low, high]}`; where not given, from the figure.
    """

    name: Annotated[str, Field(min_length=1, max_length=60)]
    prior: dict[str, tuple[float, float]] | None = None

    @classmethod
    def shape(cls) -> str:
        """How a free parameter is written."""
        return "write it as in {name: leak, of: valves.leak, at: great saphenous, prior: {lognormal: [1, 0.5]}}"

    @model_validator(mode="after")
    def _believed(self) -> Free:
        if self.prior is not None and (len(self.prior) != 1 or not set(self.prior) <= set(_PRIORS)):
            wrong = next((key for key in self.prior if key not in _PRIORS), "")
            near = nearest(wrong, _PRIORS)
            raise refusal(
                f"found {show(self.prior)}, where one of {', '.join(_PRIORS)} with two numbers is needed",
                hint=f"did you mean {near!r}?" if near else "as in {lognormal: [1, 0.5]}",
                key="prior",
            )
        if self.prior is None and self.figure is None:
            raise refusal(
                "there is neither a prior nor a figure that it could come from",
                hint="add `prior:`, or `figure:` with the key of a figure that has a range",
            )
        try:
            self.believed  # noqa: B018
        except DocumentError as error:
            raise refusal(error.message, hint=error.hint, key="prior" if self.prior else "figure") from None
        return self

    @property
    def believed(self) -> Prior:
        """The prior of the factor."""
        if self.prior is not None:
            ((shape, (first, second)),) = self.prior.items()
            return Prior(shape, first, second)  # pyright: ignore[reportArgumentType]  (checked above)
        return prior_of(figures.load()[str(self.figure)])

    @property
    def place(self) -> str:
        """Where it stands in its document."""
        return f"free.{self.name}"


def prior_of(figure: Figure) -> Prior:
    """What a figure says of a factor on it: 1 where it is as the figure says.

    Raises:
        DocumentError: where it has neither a standard deviation nor a range above 0.
    """
    if figure.value > 0.0 and figure.sd is not None:
        return Prior("lognormal", 1.0, figure.sd / figure.value)
    if figure.low is None or figure.high is None or not 0.0 < figure.low < figure.high:
        raise DocumentError(
            f"{figure.key!r} has neither a standard deviation nor a range above 0, so that it says nothing of a factor",
            hint="write `prior:`, as in {lognormal: [1, 0.3]}",
        )
    if figure.basis == "assumed":
        return Prior("uniform", figure.low / figure.value, figure.high / figure.value)
    return Prior("lognormal", 1.0, math.log(figure.high / figure.low) / (2.0 * SIDE))


class Predicted(Entry):
    """A measure that is predicted, and that could be taken next.

    Attributes:
        measure: its name, with its place where it has one.
        error: standard deviation of one reading, which says what taking it would tell; as of a reading.
        posture: as of a reading.
    """

    measure: str
    error: str | None = None
    posture: str | None = None

    @property
    def reading(self) -> PersonReading:
        """It as a reading without a value."""
        unit = find(self.measure)[0].unit
        around = {key: value for key in ("error", "posture") if (value := vars(self)[key]) is not None}
        return reading_of({self.measure: "1" if unit == "1" else f"1 {unit}", **around})

    @field_validator("measure")
    @classmethod
    def _known(cls, measure: str) -> str:
        try:
            find(measure)
        except MeasureError as error:
            raise refusal(error.message, hint=error.hint) from None
        return measure

    @model_validator(mode="after")
    def _can_be_read(self) -> Predicted:
        if self.error is not None and self.error.strip().endswith("%") and find(self.measure)[0].unit != "%":
            raise refusal("a share of a reading that nobody took", hint="write its error in its unit", key="error")
        self.reading  # noqa: B018
        return self


class Calibration(Entry):
    """What is calibrated.

    Attributes:
        calibration: its name.
        regimen: in which everything is read; what it does not hold is performed after it.
        free: parameters that are free.
        predict: measures that are predicted beside those that were taken.
    """

    kind: Literal["calibration"] = "calibration"
    version: Literal[1] = 1
    calibration: Annotated[str, Field(min_length=1, max_length=60)]
    regimen: Any = "plethysmography"
    free: tuple[Free, ...]
    predict: tuple[Predicted, ...] = ()

    @classmethod
    def shape(cls) -> str:
        """How a calibration is written."""
        return "look at the packaged one, `varicose-leg`, in the documents' reference"

    @model_validator(mode="after")
    def _each_once(self) -> Calibration:
        if not 1 <= len(self.free) <= MOST_FREE:
            raise refusal(
                f"{len(self.free)} parameters are free; allowed are 1 to {MOST_FREE}", hint=Free.shape(), key="free"
            )
        names = [one.name for one in self.free]
        for number, name in enumerate(names):
            if name in names[:number]:
                raise refusal(f"{name!r} is free twice", hint="name each once", key=("free", number, "name"))
        if sum(one.of == PUSH for one in self.free) > 1:
            raise refusal(f"{PUSH!r} is free twice", hint="keep one of them", key="free")
        return self

    @property
    def performed(self) -> Regimen:
        """The regimen in which everything is read.

        Raises:
            DocumentError: where it is none.
        """
        given = self.regimen
        if isinstance(given, list | tuple):
            given = {"kind": "regimen", "version": 1, "regimen": self.calibration, "steps": list(given)}
        return load_regimen(given)

    def only(self, names: Sequence[str]) -> Calibration:
        """The same with these parameters free alone.

        Raises:
            DocumentError: where it has none of that name.
        """
        every = {one.name: one for one in self.free}
        for name in names:
            if name not in every:
                near = nearest(name, every)
                raise DocumentError(
                    f"no parameter {name!r} can be freed; there are {', '.join(every)}",
                    hint=f"did you mean {near!r}?" if near else "write a calibration of your own with it",
                )
        return self.model_copy(update={"free": tuple(every[name] for name in dict.fromkeys(names))})


@cache
def packaged_calibrations() -> dict[str, Path]:
    """Files of the packaged calibrations by name."""
    return documents.packaged_files(Path(__file__).parent / "packaged")


def load_calibration(calibration: object) -> Calibration:
    """A calibration by packaged name, path, mapping or object.

    Raises:
        DocumentError: where there is none, or it cannot be used.
    """
    found = documents.load(Calibration, "calibration", calibration, packaged_calibrations())
    found.performed  # noqa: B018
    return found
