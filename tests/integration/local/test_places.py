"""Where PostgreSQL's data lies when the home is closed to its system user."""

from __future__ import annotations

import os
from pathlib import Path

from miriam_local.places import SHARED_STATE, Places
from miriam_local.postgres import unprivileged_user


def test_data_lies_in_the_home_where_the_servers_user_may_enter(server_folder: Path) -> None:
    home = server_folder / "open"
    home.mkdir(mode=0o755)
    assert Places(home).postgres("identity", unprivileged_user()) == home / "postgres"


def test_data_lies_elsewhere_where_only_root_may_enter(server_folder: Path) -> None:
    home = server_folder / "closed"
    home.mkdir(mode=0o700)
    found = Places(home).postgres("identity", unprivileged_user())
    # Who is not root runs PostgreSQL as himself, and may enter what is his.
    assert found == (SHARED_STATE / "identity" if os.geteuid() == 0 else home / "postgres")
