"""Pictures of figures: numbers and words in, an SVG image out. They know no database, no page and no language."""
