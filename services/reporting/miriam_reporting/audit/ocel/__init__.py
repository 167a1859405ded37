"""An edition as an event log for process mining: OCEL 2.0 (object-centric), or one case a line in CSV."""

from miriam_reporting.audit.ocel.happenings import Happening, happenings
from miriam_reporting.audit.ocel.log import Log, write_csv, write_ocel

__all__ = ["Happening", "Log", "happenings", "write_csv", "write_ocel"]
