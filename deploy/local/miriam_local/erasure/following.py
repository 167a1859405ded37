"""What each service says of an erasure: how far it followed intake, what it destroyed, and under which numbers."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_local.deployment import Deployment
from miriam_local.processes import wait_until

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_PAUSE = 0.2


class Followers:
    """The recording services of a deployment, asked over HTTP."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def wait(self, erasures: Sequence[str], seconds: float) -> tuple[dict[str, dict[str, Any]], list[str]]:
        """What each service answered of these erasures (recorded ids), by service and erasure; and who has not
        carried them out within that time.
        """
        told: dict[str, dict[str, Any]] = {}
        behind: list[str] = list(RECORDING_SERVICES)

        def settled() -> bool:
            nonlocal behind
            for service in RECORDING_SERVICES:
                answers = {erasure: self._ask(service, erasure) for erasure in erasures}
                if all(answer is not None for answer in answers.values()):
                    told[service] = answers
            behind = _behind(told, erasures)
            return not behind

        wait_until(settled, seconds, _PAUSE)
        return told, behind

    def _ask(self, service: str, erasure: str) -> dict[str, Any] | None:
        address = f"http://127.0.0.1:{self._deployment.ports.http(service)}/v1/erasures?because_of={erasure}"
        token = self._deployment.passwords.of("service token")
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
        try:
            with _DIRECT.open(request, timeout=10) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except (urllib.error.URLError, OSError, ValueError):
            return None


def _behind(told: dict[str, dict[str, Any]], erasures: Sequence[str]) -> list[str]:
    leader, *others = RECORDING_SERVICES
    if leader not in told:
        return list(RECORDING_SERVICES)
    numbers = [each["sequence"] for erasure in erasures for each in told[leader][erasure]["destroyed"]]
    last = max(numbers, default=0)
    return [
        service
        for service in others
        if service not in told or min(answer["followed"] for answer in told[service].values()) < last
    ]
