"""What the parts of one serving process share: the service, its configuration, its keys."""

from dataclasses import dataclass

from miriam_platform.config import Config
from miriam_platform.definition import ServiceDefinition
from miriam_platform.keys import Keys

# The key under which nameko's configuration carries the runtime.
RUNTIME = "MIRIAM_RUNTIME"


@dataclass(frozen=True, slots=True)
class Runtime:
    """One serving process of a service."""

    definition: ServiceDefinition
    config: Config
    keys: Keys
