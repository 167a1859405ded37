"""Facts out of spreadsheets: templates to fill in, their reading, and the answers beside the rows."""
