from collections.abc import Iterator

import pytest
from callers import CALLERS, PROTOCOLS, Caller
from fake_gateway import FAKE_CALLERS, FakeCaller
from gateway import Gateway, start_gateway


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with start_gateway(tmp_path_factory.mktemp("gateway")) as started:
        yield started
        started.stop(seconds=10)


@pytest.fixture(
    scope="session",
    params=[(kind, protocol) for kind in CALLERS for protocol in PROTOCOLS],
    ids=lambda param: "-".join(param),
)
def kind_and_protocol(request: pytest.FixtureRequest) -> tuple[str, str]:
    kind, protocol = request.param
    return kind, protocol


@pytest.fixture(scope="session")
def caller(gateway: Gateway, kind_and_protocol: tuple[str, str]) -> Iterator[Caller]:
    """Each kind of client over each protocol."""
    kind, protocol = kind_and_protocol
    made = CALLERS[kind](gateway.url, gateway.key, protocol=protocol)
    yield made
    made.close()


@pytest.fixture(params=FAKE_CALLERS)
def make(request: pytest.FixtureRequest) -> FakeCaller:
    """Makes each kind of client over a script in place of a gateway."""
    kind: str = request.param
    return FAKE_CALLERS[kind]
