"""An edition of the programme, made up from a seed and played through the real doors. Every woman in it is invented."""

from miriam_simulator.recorded import leaves
from miriam_simulator.scenarios import DEFAULT_SEED, Scenario, scenario

__all__ = ["DEFAULT_SEED", "Scenario", "leaves", "scenario"]
