"""Where a document came from, to say so in messages."""

from __future__ import annotations

from dataclasses import dataclass, field

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Source:
    """Where a document came from, to say so in messages.

    Attributes:
        name: the file's name as given, or None.
        lines: line of the file at which each place stands.
    """

    name: str | None = None
    lines: dict[Place, int] = field(default_factory=dict)

    def place(self, place: Place) -> str | None:
        """`person.yaml, line 12: legs.left.reflux.0.at`."""
        where = ".".join(str(part) for part in place)
        if self.name is None:
            return where or None
        line = next((self.lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in self.lines), None)
        start = f"{self.name}, line {line}" if line else self.name
        return f"{start}: {where}" if where else start
