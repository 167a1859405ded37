"""Whether the contracts still keep what was published: nobody who reads or sends a version may be let down by an edit.

A published version stays as it is, but for optional fields that are added. Whatever else narrows it would refuse events
that were recorded, or that makers send; whatever else widens it would be refused by makers' and auditors' programs
that read by the contract as they know it (`load_recorded` ignores unknown fields, and nothing else that is new). So a
code more or a wider bound is a new version too, with an upcaster from the one before.
"""

from miriam_contracts.compatibility.comparison import Break, breaks, upcaster_breaks
from miriam_contracts.compatibility.description import describe, kept

__all__ = ["Break", "breaks", "describe", "kept", "upcaster_breaks"]
