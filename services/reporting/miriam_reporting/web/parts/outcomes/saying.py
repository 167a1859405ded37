"""What is said beside pictures: how an interval is to be read."""

from miriam_reporting.web.asked import Asked


def about_intervals(asked: Asked) -> str:
    """What an interval means where everybody was counted."""
    return asked._(
        "Every woman was counted, so a figure has no error of sampling. Its interval (95%) says between which values"
        " it would mostly lie if the same work had been done with as many other women: it is wide for small groups,"
        " and where the intervals of two groups overlap widely, chance alone may be what tells them apart."
    )


def of_shares(asked: Asked) -> str:
    """By which formula the interval of a share is computed."""
    return asked._("Intervals of shares are Wilson's score intervals.")
