"""A CPAS signs its own figures of a report: fetched, their digest computed here, signed with its own key, sent back."""
