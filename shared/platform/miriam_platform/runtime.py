"""What the parts of one serving process share.

One recorder for all: a batch is under way at a time, and what it learnt (states, emitters) serves the next.
"""

from dataclasses import dataclass

from miriam_platform.config import Config
from miriam_platform.definition import ServiceDefinition
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
