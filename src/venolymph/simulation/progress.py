"""Progress of a simulation: a bar on a terminal or in a notebook, else a line on standard error now and then."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from venolymph.numbers import span

Progress = Callable[[float, float, str], None]
"""Called with simulated seconds done, simulated seconds in all, and the present phase's label."""

PATIENCE = 10.0
"""Seconds between lines of progress where standard error is not a terminal."""

ENOUGH = 1.0
"""Elapsed time before the remaining time is estimated, s: the first calls are slower than the others."""


class Shown:
    """Called with how much is done, how much there is in all (as a rule simulated seconds), what is being done, and
    the share of all the work that is done; shows it with the time left.

    The time left follows from the latter half of the work that is done, and from what came since the first call at
    most: compiling comes before it, or in the first of many pieces, and does not count as progress.

    Args:
        title: what the work is.
        unit: what is counted; where empty, simulated seconds.
        bar: called with what a bar shows; None: a line now and then.
        clock: the time, s.
    """

    def __init__(
        self,
        title: str,
        unit: str = "",
        bar: Callable[..., None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._title, self._unit, self._bar, self._clock = title, unit, bar, clock
        self._told = clock()
        self._reports: deque[tuple[float, float]] = deque()

    def __call__(self, done: float, total: float, label: str = "", share: float | None = None) -> None:
        """Show how far it is.

        Args:
            done: how much is done.
            total: how much there is in all.
            label: what is being done.
            share: how much of all the work is done, 0 to 1; where None, as much as `done` of `total`.
        """
        now, share = self._clock(), done / total if share is None else share
        left = self._left(now, share)
        self._reports.append((now, share))
        told = f"{done:.0f} of {total:.0f} {self._unit}" if self._unit else f"{span(done)} of {span(total)} simulated"
        if self._bar is not None:
            self._bar(completed=share, total=1.0, label=label, told=told, left="" if left is None else f"{left} left")
        elif left is not None and share < 1.0 and now - self._told >= PATIENCE:
            print(f"{self._title}: {told} ({label}), about {left} left", file=sys.stderr)
            self._told = now

    def _left(self, now: float, share: float) -> str | None:
        """How long the rest takes, in words; None where too little has been done yet from which it could be said."""
        if not self._reports:
            return None
        while len(self._reports) > 1 and self._reports[1][1] <= 0.5 * share and now - self._reports[1][0] >= ENOUGH:
            self._reports.popleft()
        begun, before = self._reports[0]
        if share <= before or now - begun < ENOUGH:
            return None
        return span((now - begun) * (1.0 - share) / (share - before))


@contextmanager
def shown(title: str, unit: str = "") -> Iterator[Shown]:
    """Show progress from the beginning of the work to its end.

    Args:
        title: what the work is.
        unit: what is counted; where empty, simulated seconds.
    """
    if in_notebook():
        with _notebook_bar(title) as update:
            yield Shown(title, unit, bar=update)
        return
    if not sys.stderr.isatty():
        yield Shown(title, unit)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    fields: dict[str, Any] = {"told": "", "left": "", "label": "compiling"}
    with Bar(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        *(TextColumn(f"{{task.fields[{name}]}}", markup=False) for name in fields),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(title, total=None, **fields)
        yield Shown(title, unit, bar=lambda **now: bar.update(task, **now))


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this: a shell that talks to a page, and not to a terminal."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return type(shell).__name__ == "ZMQInteractiveShell"


@contextmanager
def _notebook_bar(title: str) -> Iterator[Callable[..., None]]:
    from tqdm.auto import tqdm

    present = ""
    with tqdm(total=1.0, desc=title, bar_format="{desc}: {bar} {postfix}", leave=False) as bar:

        def update(*, completed: float, label: str, told: str, left: str, **_: Any) -> None:
            nonlocal present
            bar.set_postfix_str(", ".join(filter(None, (told, label, left))), refresh=False)
            bar.update(completed - bar.n)
            if label != present:  # else as often as eyes can follow
                bar.refresh()
            present = label

        yield update


@contextmanager
def told(progress: Progress | bool | None, title: str) -> Iterator[Progress | None]:
    """The progress to call: the one given, or for True one that shows it on standard error."""
    if progress is True:
        with shown(title) as bar:
            yield bar
    else:
        yield progress or None
