"""`python -m miriam_groups serve | relay | migrate [pre|post] | keys`: the service is imported after the patching."""

import sys

from miriam_platform.run import main

sys.exit(main("miriam_groups.service:DEFINITION"))
