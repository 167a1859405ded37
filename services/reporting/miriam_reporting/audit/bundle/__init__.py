"""Audit bundles: one zip from which an auditor recomputes a report offline, with nothing but Python and two keys."""

from miriam_reporting.audit.bundle.errors import BundleError, NotSigned, UnknownCpas
from miriam_reporting.audit.bundle.making import Asked, Made, make
from miriam_reporting.audit.bundle.scope import Scope

__all__ = ["Asked", "BundleError", "Made", "NotSigned", "Scope", "UnknownCpas", "make"]
