"""From a file to a table: headings known again, rows numbered as the spreadsheet program numbers them."""

from miriam_importer.reading.table import Table, read

__all__ = ["Table", "read"]
