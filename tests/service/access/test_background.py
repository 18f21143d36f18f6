"""Work beside the requests: one that ends by itself is told."""

from __future__ import annotations

import asyncio

import pytest

from service.access.cleaning import running


class Ends:
    def __init__(self, error: Exception | None) -> None:
        self.error = error

    async def run(self) -> None:
        if self.error is not None:
            raise self.error
        await asyncio.sleep(60)


@pytest.mark.parametrize(("error", "said"), [(ValueError("a secret"), "ValueError"), (None, "")])
def test_work_that_ends_is_told(
    error: Exception | None, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def beside() -> None:
        async with running(Ends(error)):
            await asyncio.sleep(0.01)

    asyncio.run(beside())
    assert caplog.messages == ([f"background work ended: {said}"] if said else [])
