"""The readable page: one file, complete in itself, that a maker reads first."""

from miriam_contracts.documents.page.whole import page

__all__ = ["page"]
