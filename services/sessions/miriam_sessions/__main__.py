"""`python -m miriam_sessions serve | relay | migrate | keys | tally`."""

import sys

from miriam_platform.run import main
from miriam_sessions.service import DEFINITION

sys.exit(main(DEFINITION))
