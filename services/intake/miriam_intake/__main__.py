"""`python -m miriam_intake serve | relay | migrate | keys | tally`."""

import sys

from miriam_platform.run import main
from miriam_intake.service import DEFINITION

sys.exit(main(DEFINITION))
