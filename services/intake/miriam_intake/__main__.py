"""`python -m miriam_intake serve | relay | migrate [pre|post] | keys`: the service is imported after the patching."""

import sys

from miriam_platform.run import main

sys.exit(main("miriam_intake.service:DEFINITION"))
