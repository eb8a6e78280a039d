import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from callers import CALLERS, PROTOCOLS
from gateway import ENDLESS, SLOW, Gateway, start_gateway

from sluice_client import AsyncSluiceClient, SluiceClient, SluiceError, SluiceErrorReason

Way = Callable[[AsyncSluiceClient], Awaitable[object]]

WAYS: dict[str, Way] = {
    "chat": lambda client: client.chat(SLOW, "hi"),
    "embed": lambda client: client.embed(SLOW, "hi"),
    "stream before its first event": lambda client: client.stream_chat(SLOW, "hi").text(),
    "stream after its first event": lambda client: client.stream_chat(ENDLESS, "hi").text(),
}


@pytest.fixture(params=PROTOCOLS)
def protocol(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def run(gateway: Gateway, protocol: str, case: Callable[[AsyncSluiceClient], Awaitable[None]]) -> None:
    async def with_client() -> None:
        async with AsyncSluiceClient(gateway.url, gateway.key, protocol=protocol) as client:  # type: ignore[arg-type]
            await case(client)

    asyncio.run(with_client())


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_canceled_task_ends_as_canceled(gateway: Gateway, protocol: str, way: Way) -> None:
    async def case(client: AsyncSluiceClient) -> None:
        task = asyncio.ensure_future(way(client))
        await asyncio.sleep(0.1)
        task.cancel("enough")
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()

    run(gateway, protocol, case)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_timeout_of_asyncio_is_a_timeout_error(gateway: Gateway, protocol: str, way: Way) -> None:
    async def case(client: AsyncSluiceClient) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await way(client)
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0

    run(gateway, protocol, case)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_failing_task_ends_the_others_of_its_group(gateway: Gateway, protocol: str, way: Way) -> None:
    async def fail() -> None:
        await asyncio.sleep(0.1)
        raise LookupError

    calls: list[asyncio.Task[object]] = []

    async def group_of(client: AsyncSluiceClient) -> None:
        async with asyncio.TaskGroup() as group:
            calls.append(group.create_task(_as_coroutine(way(client))))
            group.create_task(fail())

    with pytest.raises(ExceptionGroup) as caught:
        run(gateway, protocol, group_of)
    assert [type(error) for error in caught.value.exceptions] == [LookupError]
    assert calls[0].cancelled()


async def _as_coroutine(awaitable: Awaitable[object]) -> object:
    return await awaitable


def test_a_stream_that_was_left_has_no_end(gateway: Gateway) -> None:
    with SluiceClient(gateway.url, gateway.key) as client:
        with client.stream_chat(ENDLESS, "hi") as stream:
            for text in stream.text_stream():
                assert text
                break
        assert (stream.decision, stream.usage, stream.finish_reason) == (None, None, None)
        with pytest.raises(SluiceError) as caught:
            stream.text()
        assert caught.value.reason is SluiceErrorReason.CANCELED


def test_calls_that_were_left_end_at_the_gateway(tmp_path: Path) -> None:
    """A gateway waits for calls under way before it ends, for 30 s; with none left it ends at once."""
    with start_gateway(tmp_path) as gateway:
        made = [CALLERS[kind](gateway.url, gateway.key, protocol=name) for kind in CALLERS for name in PROTOCOLS]
        reads = [caller.read_some(ENDLESS, 2) for caller in made]
        assert all([event.field for event in read.events] == ["start", "part_start"] for read in reads)

        async def cancel(protocol: str) -> None:
            client = AsyncSluiceClient(gateway.url, gateway.key, protocol=protocol)  # type: ignore[arg-type]
            for way in WAYS.values():
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(way(client), 0.1)

        for protocol in PROTOCOLS:
            asyncio.run(cancel(protocol))
        gateway.stop(seconds=10)
