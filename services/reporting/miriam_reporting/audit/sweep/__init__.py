"""The sweep: the whole ledger read once, every statement that it makes about itself compared with every other."""

from miriam_reporting.audit.sweep.run import Swept, sweep

__all__ = ["Swept", "sweep"]
