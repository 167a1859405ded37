"""`make bench-scale`: what is measured on ledgers of up to ten million events. `ARGS="--help"` tells the options."""

import sys

from miriam_bench.scale.main import main

if __name__ == "__main__":
    sys.exit(main())
