"""`make bench`: every row of the table, or those that are named. `ARGS="--help"` tells the options."""

import sys

from miriam_bench.main import main

if __name__ == "__main__":
    sys.exit(main())
