"""What `--begin-from FOLDER[:PHASE]` names: the run of a folder, and the number of a phase of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from venolymph.errors import RunError

if TYPE_CHECKING:
    from venolymph.body.person import Person
    from venolymph.regimen import Regimen
    from venolymph.screening import Answers


@dataclass(frozen=True)
class EarlierRun:
    """A run in a folder that another one begins from.

    Attributes:
        folder: where it is.
        phase: number of the phase from whose end it is begun, or what was given as one; None: the last.
        people: who went through it.
        regimen: what they went through.
    """

    folder: Path
    phase: int | str | None
    people: list[Person]
    regimen: Regimen

    @property
    def begin_from(self) -> Any:
        """As `simulate` takes it."""
        return self.folder if self.phase is None else (self.folder, self.phase)


def earlier_run(text: str) -> EarlierRun:
    """The run that an option names.

    Raises:
        RunError: where there is no run in such a folder.
    """
    from venolymph import documents
    from venolymph.body.person import load_person
    from venolymph.regimen.loading import load_regimen
    from venolymph.simulation.folder_reading import open_folder

    folder, phase = _parts(text)
    opened = open_folder(folder)
    people = [load_person(documents.parse(one)[0]) for one in opened.people]
    return EarlierRun(folder, phase, people, load_regimen(documents.parse(opened.regimen)[0]))


def _parts(text: str) -> tuple[Path, int | str | None]:
    """The folder, and what stands behind its colon where the folder is not named with one."""
    before, colon, after = text.rpartition(":")
    if not colon or Path(text).exists() or not (after and Path(before).exists()):
        return Path(text), None
    return Path(before), int(after) if re.fullmatch(r"-?\d+", after) else after


def check_begin(
    source: EarlierRun, people: list[Any], regimen: Any, override: str | None, answers: Answers | None
) -> None:
    """Refuse what cannot begin, before a folder is replaced for it; as `simulate` does."""
    from venolymph.simulation.starting import begun_from

    begun_from(source.begin_from, (people, regimen, "one"), override, answers)


def check_kept(source: EarlierRun, out: Path) -> None:
    """Refuse to replace the run that is begun from.

    Raises:
        RunError: where it is in the folder that is to be replaced.
    """
    if source.folder.resolve().is_relative_to(out.resolve()):
        raise RunError(
            "the run to begin from is in this folder, and is not replaced",
            place=str(out),
            hint="name another folder with --out",
        )
