"""The templates: what people fill in, with lists to choose from and a sheet of explanations."""

from miriam_importer.template.delimited import delimited
from miriam_importer.template.workbook import workbook

__all__ = ["delimited", "workbook"]
