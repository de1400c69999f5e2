"""The server before everything is loaded: the first page is answered at once, the rest when it is asked for.

The engine takes seconds to load, and the first page, whose recordings come with the program, needs nothing of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from venolymph.studio.guard import Door, GuardMiddleware
from venolymph.studio.pages import home_page

LATER = 5.0
"""After how long the rest is loaded where nobody has asked for it, s: runs that wait have to go on."""


class LoadingApp:
    """An application that answers the first page, and loads another one for everything else.

    Args:
        load: gives the application of all pages; called once, in a thread.
        door: what requests have to carry.
    """

    def __init__(self, load: Callable[[], Starlette], door: Door) -> None:
        self._load = load
        self._first = Starlette(routes=home_page.routes, lifespan=self._lives)
        self._first.add_middleware(GuardMiddleware, door=door)
        self._all: asyncio.Task[Starlette] | None = None
        self._open = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        first = scope["type"] == "lifespan" or any(one.matches(scope)[0] is Match.FULL for one in home_page.routes)
        await (self._first if first else await asyncio.shield(self._everything()))(scope, receive, send)

    def _everything(self) -> asyncio.Task[Starlette]:
        """The application of all pages, once it is loaded."""
        self._all = self._all or asyncio.create_task(self._loaded())
        return self._all

    async def _loaded(self) -> Starlette:
        found = await run_in_threadpool(self._load)
        await self._open.enter_async_context(found.router.lifespan_context(found))
        return found

    @asynccontextmanager
    async def _lives(self, _: Starlette) -> AsyncIterator[None]:
        later = asyncio.get_running_loop().call_later(LATER, self._everything)
        async with self._open:
            yield
            later.cancel()
            if self._all is not None:
                await asyncio.wait({self._all})
