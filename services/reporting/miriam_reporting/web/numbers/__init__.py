"""Numbers that pictures need and no figure tells: the spread behind a mean, and the months of an edition."""
