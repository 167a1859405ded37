"""`python -m miriam_front serve | nginx`: serve the one address, or print the configuration of the nginx before it."""

from __future__ import annotations

import sys

from miriam_front import nginx, serving
from miriam_front.settings import Settings, SettingsError

USAGE = "usage: python -m miriam_front serve | nginx"


def main(arguments: list[str]) -> int:
    """Run a command and answer its exit code: 0 done, 2 wrong usage or settings (which ones is said)."""
    try:
        if arguments == ["serve"]:
            serving.serve(Settings.of_environment())
        elif arguments == ["nginx"]:
            print(nginx.configuration(nginx.Proxy.of_environment()), end="")
        else:
            raise SettingsError(USAGE)
    except SettingsError as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
