"""A population as a document: distributions over people, from which members are drawn.

kind: population
version: 1
population: healthy-adults
sex: {female: 50 %, source: convention, basis: assumed}
age: {low: 20 y, high: 65 y, source: convention, basis: assumed}
height: {female: {mean: 162.9 cm, sd: 6.4 cm, ...}, male: {mean: 175.6 cm, sd: 6.7 cm, ...}}
mass: {female: {...}, male: {...}}
correlations: [{between: [height, mass], is: 0.5, source: ..., basis: ...}]
classes:
  - {class: healthy, share: 100 %, based_on: healthy}
vary:
  - {figure: superficial_veins.great_saphenous.thigh.diameter_standing}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from venolymph import documents, figures
from venolymph.body import Person, load_person
from venolymph.documents import Entry
from venolymph.errors import DocumentError, nearest
from venolymph.figures import Basis, Figure
from venolymph.population.distribution import Curve, Distribution
from venolymph.population.factors import DrawnFactors
from venolymph.units import AGE, LENGTH, MASS, SHARE, Quantity, refusal
from venolymph.units.kinds import Kind

BODY: Mapping[str, Kind] = {
    "age": AGE.between("16 y", "110 y"),
    "height": LENGTH.between("100 cm", "250 cm"),
    "mass": MASS.between("20 kg", "300 kg"),
}
"""What is distributed over all people; the person's document decides what is possible."""
VEIN_KINDS: Mapping[str, Kind] = {
    "diameter": LENGTH.between("0.3 mm", "30 mm"),
    "tortuosity": SHARE.between("1", "4"),
    "wall": SHARE.between("0.1", "10"),
    "narrowed": SHARE.between("0.01", "1"),
}
VALVE_KINDS: Mapping[str, Kind] = {"leak": SHARE.between("0", "1"), "meets": SHARE.between("0.2", "1")}
LYMPH_KINDS: Mapping[str, Kind] = {
    "contractility": SHARE.between("0", "3"),
    "collectors": SHARE.between("0.01", "5"),
    "valve_leak": SHARE.between("0", "1"),
    "swelling": SHARE.between("0.8", "3"),
}
LAID_OUT = "body_proportions."
"""Beginning of the keys of figures that lay out the network, which all members share."""
SHARE_ERROR = 0.001
"""Shares of classes may miss 1 by so much."""


def _spread(figure: Figure) -> bool:
    """Whether a figure has a range that is more than a point."""
    return figure.low is not None and figure.high is not None and figure.low < figure.high


def _several(given: Any) -> Any:
    """One name or several."""
    return (given,) if isinstance(given, str) else given


Places = Annotated[tuple[str, ...], BeforeValidator(_several)]


class BySex(Entry):
    """A distribution for women and one for men.

    Attributes:
        female: of women.
        male: of men.
    """

    female: Distribution
    male: Distribution

    @model_validator(mode="before")
    @classmethod
    def _of_both(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and not set(data) & {"female", "male"}:
            return {"female": data, "male": data}
        return data


class SexShare(Entry):
    """How many are women.

    Attributes:
        female: share, 1 inside.
        source: where it is from.
        basis: as of a figure.
        note: what else a reader should know.
    """

    female: Annotated[Quantity, SHARE.between("0", "1", example="50 %")]
    source: str
    basis: Basis
    note: str = ""


class Correlation(Entry):
    """Two quantities that go together: correlation of the normal numbers that they are read by.

    Attributes:
        between: their names: `age`, `height`, `mass`, or the `name` of an entry of `vary`.
        correlation: -1 to 1.
        source: where it is from.
        basis: as of a figure.
    """

    between: tuple[str, str]
    correlation: Annotated[float, Field(gt=-1.0, lt=1.0, alias="is")]
    source: str
    basis: Basis


class Vary(Entry):
    """What differs from person to person of the index leg, or a figure that does.

    Just one of `diameter`, `tortuosity`, `wall`, `narrowed`, `leak`, `meets`, `lymph`, `figure` and `figures_under`
    says what. The same draw holds for all places of an entry. A figure without a distribution of its own here is drawn
    from its standard deviation or range.

    Attributes:
        name: by which correlations name it.
        diameter: veins, standing.
        tortuosity: veins.
        wall: veins; stiffness as a multiple of a healthy wall's.
        narrowed: veins; share of lumen left.
        leak: valves.
        meets: valves.
        lymph: `contractility`, `collectors`, `valve_leak` or `swelling`.
        figure: key of a figure.
        figures_under: beginning of keys of figures, each of which is drawn for itself.
        over: how it is distributed.
    """

    name: str | None = None
    diameter: Places = ()
    tortuosity: Places = ()
    wall: Places = ()
    narrowed: Places = ()
    leak: Places = ()
    meets: Places = ()
    lymph: str | None = None
    figure: str | None = None
    figures_under: str | None = None
    over: Distribution | None = None

    @classmethod
    def shape(cls) -> str:
        """How such an entry is written."""
        return "write it as in {diameter: 'great saphenous, thigh', over: {mean: 5.9 mm, sd: 1.8 mm, source:, basis:}}"

    @property
    def what(self) -> str:
        """What differs: the one key that is given."""
        return next(iter(self._given))

    @property
    def _given(self) -> dict[str, Any]:
        kinds = (*VEIN_KINDS, *VALVE_KINDS, "lymph", "figure", "figures_under")
        return {key: value for key in kinds if (value := vars(self)[key])}

    @property
    def places(self) -> tuple[str, ...]:
        """Veins or valves that it is about."""
        return self._given[self.what] if self.what in {**VEIN_KINDS, **VALVE_KINDS} else ()

    @property
    def kind(self) -> Kind:
        """What kind of number is drawn; of a figure a plain one, in the figure's unit."""
        if self.lymph is not None:
            return LYMPH_KINDS[self.lymph]
        return {**VEIN_KINDS, **VALVE_KINDS}.get(self.what) or Kind("1", "1.3")

    @property
    def drawn_figures(self) -> tuple[Figure, ...]:
        """The figures that are drawn."""
        if self.figure is not None:
            return (figures.load()[self.figure],)
        if self.figures_under is None:
            return ()
        found = figures.load().under(self.figures_under).values()
        return tuple(one for one in found if one.sd is not None or _spread(one))

    @model_validator(mode="after")
    def _about_one_thing(self) -> Vary:
        given = self._given
        if len(given) != 1:
            found = " and ".join(given) or "nothing"
            raise refusal(f"found {found} that varies; one thing is needed in each entry", hint=self.shape())
        if self.lymph is not None and self.lymph not in LYMPH_KINDS:
            near = nearest(self.lymph, LYMPH_KINDS)
            raise refusal(
                f"{self.lymph!r} is nothing of the lymph; allowed are {', '.join(LYMPH_KINDS)}",
                hint=f"did you mean {near!r}?" if near else None,
                key="lymph",
            )
        if self.what in ("figure", "figures_under"):
            self._figures_can_be_drawn()
        elif self.over is None:
            raise refusal(f"{self.what} has no distribution", hint=self.shape(), key="over")
        if self.over is not None:
            self.over.curve(self.kind, ("over",))
        return self

    def _figures_can_be_drawn(self) -> None:
        name = self.figure or self.figures_under or ""
        if f"{name}.".startswith(LAID_OUT):
            raise refusal(
                f"{name!r} lays out the network, which all people share",
                hint="vary height; the leg goes with it",
                key=self.what,
            )
        try:
            found = self.drawn_figures
        except DocumentError as error:
            raise refusal(error.message, hint=error.hint, key="figure") from None
        if not found:
            raise refusal(
                f"no figure under {name!r} has a range", hint="`venolymph sources` lists them", key="figures_under"
            )
        if self.figures_under is not None and self.over is not None:
            raise refusal("one distribution for many figures", hint="name one `figure`", key="over")
        one = found[0]
        if self.figure is not None and self.over is None and one.sd is None and not _spread(one):
            raise refusal(f"{name!r} has neither sd nor range", hint="write `over:` with a distribution", key="figure")


def _person(given: Any) -> Any:
    """A person's document by packaged name, path or mapping."""
    if isinstance(given, Mapping):
        given = {"kind": "person", "version": 1, **given}
    try:
        return load_person(given)
    except DocumentError as error:
        raise refusal(f"{error.place}: {error.message}" if error.place else error.message, hint=error.hint) from None


class PersonClass(Entry):
    """People alike in what is wrong with their legs.

    Attributes:
        name: of the class, such as `C2`.
        share: of all people, 1 inside.
        based_on: person whose legs its members have, but for what varies: a packaged name, a path or a document.
        leg: statements of the index leg in place of that person's: `ceap`, `symptoms`, `skin` and so on.
        vary: what differs within the class.
        factors: on numbers of the index leg, drawn together.
    """

    name: Annotated[str, Field(min_length=1, max_length=30, alias="class")]
    share: Annotated[Quantity, SHARE.between("0", "1", example="14.3 %")]
    based_on: Annotated[Person, BeforeValidator(_person)]
    leg: dict[str, Any] = Field(default_factory=dict)
    vary: tuple[Vary, ...] = ()
    factors: DrawnFactors | None = None


class Population(Entry):
    """A population.

    Attributes:
        population: its name.
        about: who these people are.
        sex: how many are women.
        age: years inside.
        height: by sex, cm inside.
        mass: by sex, kg inside.
        correlations: what goes together.
        prevalence: where the shares of classes are from.
        classes: kinds of people, with shares that sum to 1.
        vary: what differs in all classes.
    """

    kind: Literal["population"] = "population"
    version: Literal[1] = 1
    population: Annotated[str, Field(min_length=1, max_length=40)]
    about: str = ""
    sex: SexShare
    age: BySex
    height: BySex
    mass: BySex
    correlations: tuple[Correlation, ...] = ()
    prevalence: str = ""
    classes: tuple[PersonClass, ...]
    vary: tuple[Vary, ...] = ()

    @classmethod
    def shape(cls) -> str:
        """How a population is written."""
        return "look at a packaged population with `venolymph populations`"

    @field_validator("age", "height", "mass")
    @classmethod
    def _possible(cls, given: BySex, info: Any) -> BySex:
        for sex, one in (("female", given.female), ("male", given.male)):
            one.curve(BODY[info.field_name], (sex,))
        return given

    @model_validator(mode="after")
    def _whole(self) -> Population:
        if not self.classes:
            raise refusal(
                "there are no classes; allowed is at least 1",
                hint="such as {class: healthy, share: 100 %, based_on: healthy}",
                key="classes",
            )
        total = float(sum(one.share for one in self.classes))
        if abs(total - 1.0) > SHARE_ERROR:
            raise refusal(
                f"the shares of the classes sum to {100 * total:g} %; allowed is 100 %",
                hint="correct a share, or add the class that is left out",
                key="classes",
            )
        if len(self.classes) > 1 and not self.prevalence:
            raise refusal("several classes, and no source of their shares", hint="write `prevalence:`")
        names = [one.name for one in self.classes]
        if len(set(names)) < len(names):
            raise refusal("two classes have the same name", hint="name each once", key="classes")
        every = {entry.name for one in self.classes for entry in (*self.vary, *one.vary) if entry.name} | set(BODY)
        for number, one in enumerate(self.correlations):
            for name in one.between:
                if name not in every:
                    near = nearest(name, every)
                    raise refusal(
                        f"nothing that varies is named {name!r}; there are {', '.join(sorted(every))}",
                        hint=f"did you mean {near!r}?" if near else "give an entry of `vary` a `name`",
                        key=("correlations", number, "between"),
                    )
        for one in self.classes:
            self._correlations_fit(one)
        return self

    def _correlations_fit(self, group: PersonClass) -> None:
        """Refuse correlations that cannot hold all at once."""
        import numpy as np

        if np.linalg.eigvalsh(self.correlation_matrix(group)).min() < 1e-9:
            raise refusal(
                "these correlations cannot hold all at once", hint="bring them nearer to 0", key="correlations"
            )

    def varied(self, group: PersonClass) -> tuple[Vary, ...]:
        """What varies in a class, in the order in which it is drawn."""
        return (*self.vary, *group.vary)

    def names(self, group: PersonClass) -> tuple[str | None, ...]:
        """Names of the normal numbers that a member of a class is drawn by; figures of one entry come one by one."""
        found: list[str | None] = list(BODY)
        for entry in self.varied(group):
            found += [entry.name] * max(1, len(entry.drawn_figures))
        return tuple(found) if group.factors is None else (*found, None)

    def correlation_matrix(self, group: PersonClass) -> Any:
        """Correlations of those numbers, shape (numbers, numbers)."""
        import numpy as np

        names = self.names(group)
        found = np.eye(len(names))
        for one in self.correlations:
            for a, first in enumerate(names):
                for b, second in enumerate(names):
                    if a != b and {first, second} == set(one.between):
                        found[a, b] = one.correlation
        return found

    def body_curves(self, sex: str) -> dict[str, Curve]:
        """Curves of age, height and mass of a sex, in y, cm and kg."""
        by_name = {"age": self.age, "height": self.height, "mass": self.mass}
        pick = {name: one.female if sex == "female" else one.male for name, one in by_name.items()}
        return {name: one.curve(BODY[name]) for name, one in pick.items()}

    def to_yaml(self) -> str:
        """The document as YAML text, which reads back to an equal object."""
        return documents.write(self.document())


def sources_of(population: Population) -> dict[str, list[str]]:
    """Sources of a population's distributions, by basis, each once."""
    every: list[Distribution | SexShare | Correlation] = [population.sex, *population.correlations]
    every += [one for pair in (population.age, population.height, population.mass) for one in (pair.female, pair.male)]
    varied: Sequence[Vary] = [entry for group in population.classes for entry in population.varied(group)]
    every += [entry.over for entry in varied if entry.over is not None]
    stated = [(one.basis, one.source) for one in every]
    stated += [(one.basis, one.source) for entry in varied if entry.over is None for one in entry.drawn_figures]
    stated += [(one.basis, one.source) for group in population.classes if (one := group.factors) is not None]
    found: dict[str, list[str]] = {}
    for basis, source in dict.fromkeys(stated):
        found.setdefault(basis, []).append(source)
    return found
