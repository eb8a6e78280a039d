from dataclasses import dataclass

from ._call import Call, CallDefaults, checked_timeout, open_call
from ._request_input import MetadataInput, merged_metadata
from .gen.sluice.v1.metadata_pb import Metadata


@dataclass(frozen=True)
class ClientSettings:
    """What all calls of a client share."""

    headers: dict[str, str]
    metadata: MetadataInput | None
    defaults: CallDefaults

    def open_call(self, timeout: float | None, max_retries: int | None) -> Call:
        """Opens a call: its time runs from now."""
        return open_call(self.defaults, timeout, max_retries)

    def merged(self, metadata: MetadataInput | None) -> Metadata | None:
        """A call's metadata over the client's."""
        return merged_metadata([self.metadata, metadata])


def client_settings(api_key: str, metadata: MetadataInput | None, defaults: CallDefaults) -> ClientSettings:
    """Raises ValueError for a timeout that no timer holds."""
    checked_timeout(defaults.timeout)
    return ClientSettings(headers={"authorization": f"Bearer {api_key}"}, metadata=metadata, defaults=defaults)
