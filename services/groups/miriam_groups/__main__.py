"""`python -m miriam_groups serve | relay | migrate | keys | tally`."""

import sys

from miriam_platform.run import main
from miriam_groups.service import DEFINITION

sys.exit(main(DEFINITION))
