"""`make fuzz`: see `parts/fuzz_command.py`; `ARGS="--help"` tells the options."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "parts"), str(HERE.parent / "running")]

from fuzz_command import main  # noqa: E402

if __name__ == "__main__":
    main()
