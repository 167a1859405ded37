"""Why a bundle cannot be made."""


class BundleError(Exception):
    """A bundle cannot be made. The message says why, and quotes nothing of an event."""


class NotSigned(BundleError):
    """No head that covers the position is signed by the log and cosigned by the authority."""


class UnknownCpas(BundleError):
    """No registration of that CPAS stands at the position."""
