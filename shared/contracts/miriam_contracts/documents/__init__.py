"""Documents made from the contracts, for makers who never read this code: JSON Schema, AsyncAPI, OpenAPI, a page.

Nothing in them is written twice: types, fields, bounds, meanings, rules and examples come from the catalogue; only the
prose of how to connect stands here, in `prose`.
"""
