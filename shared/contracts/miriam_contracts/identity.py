"""Ids that both sides can compute: the recorded id of an emitted fact."""

import uuid

NAMESPACE = uuid.UUID("6d697269-616d-5bd0-9c55-7ad30c2c9a01")


def recorded_id(service: str, origin: str, originid: str, number: int = 0) -> str:
    """The id under which `service` records event `number` (0, 1, ...) of the fact `originid` of emitter `origin`.

    It is a UUIDv5 (RFC 9562), so an emitter knows it before any receipt, and an append can be repeated without harm.
    """
    return str(uuid.uuid5(NAMESPACE, f"{service}\n{origin}\n{originid}\n{number}"))
