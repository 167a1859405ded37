"""`python -m miriam_transparency keygen|witness`: the commands of `miriam audit`, for supervised processes."""

import click

from miriam_transparency.commands.keygen import keygen
from miriam_transparency.commands.witness import witness


@click.group()
def main() -> None:
    """Keys, and the witness of the ledger."""


main.add_command(keygen)
main.add_command(witness)

if __name__ == "__main__":
    main()
