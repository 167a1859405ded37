"""What the parts of one serving process share.

One recorder for the inbox and one for HTTP: in each a batch is under way at a time, and what it learnt (states,
emitters) serves the next. A long batch of the one does not hold up the other.
"""

from dataclasses import dataclass

from miriam_platform.config import Config
from miriam_platform.definition import ServiceDefinition
from miriam_platform.http_door import HttpDoor
from miriam_platform.keys import Keys
from miriam_platform.recorder import Recorder

# The key under which nameko's configuration carries the runtime.
RUNTIME = "MIRIAM_RUNTIME"


@dataclass(frozen=True, slots=True)
class Runtime:
    """One serving process of a service."""

    definition: ServiceDefinition
    config: Config
    keys: Keys
    recorder: Recorder
    door: HttpDoor
