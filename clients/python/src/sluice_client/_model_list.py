from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

from .gen.sluice.v1.model_service_pb import ListModelsResponse, Model


@dataclass(frozen=True)
class ModelList:
    """All models that the key may use. Each reading asks anew, page by page as it goes on."""

    get_page: Callable[[str], ListModelsResponse]
    """Gets the page with a token, '' for the first."""

    def __iter__(self) -> Iterator[Model]:
        for page in self.pages():
            yield from page.models

    def pages(self) -> Iterator[ListModelsResponse]:
        """The same by pages."""
        page = self.get_page("")
        yield page
        while page.next_page_token:
            page = self.get_page(page.next_page_token)
            yield page


@dataclass(frozen=True)
class AsyncModelList:
    """All models that the key may use. Each reading asks anew, page by page as it goes on."""

    get_page: Callable[[str], Awaitable[ListModelsResponse]]
    """Gets the page with a token, '' for the first."""

    async def __aiter__(self) -> AsyncIterator[Model]:
        async for page in self.pages():
            for model in page.models:
                yield model

    async def pages(self) -> AsyncIterator[ListModelsResponse]:
        """The same by pages."""
        page = await self.get_page("")
        yield page
        while page.next_page_token:
            page = await self.get_page(page.next_page_token)
            yield page
