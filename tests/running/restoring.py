"""Putting a small platform back as it was: its tables, its spools, the files of the log and of the witness."""

from __future__ import annotations

import shutil
from pathlib import Path

from small_platform import SmallPlatform

_STORE = ("event_store.event", "event_store.counter")
_LEDGER = (
    "ledger.leaf", "ledger.head", "ledger.source", "ledger.gap", "ledger.alarm", "ledger.tile", "ledger.checkpoint",
    "ledger.cosignature", "ledger.milestone",
)  # fmt: skip


class Kept:
    """A platform's state at one moment."""

    def __init__(self, platform: SmallPlatform) -> None:
        self.platform = platform
        self._files = platform.folder / "kept"
        for service, tables in self._tables().items():
            with platform.superuser(service) as connection, connection.cursor() as cursor:
                cursor.execute("create schema as_it_was")
                for table in tables:
                    cursor.execute(f"create table as_it_was.{table.replace('.', '_')} as select * from {table}")
        self._files.mkdir()
        for file in self._moving():
            shutil.copy(file, self._files / file.name)

    def restore(self) -> None:
        """Put everything back."""
        for service, tables in self._tables().items():
            with self.platform.superuser(service) as connection, connection.cursor() as cursor:
                for table in tables:
                    cursor.execute(f"delete from {table}")
                    # The digest of an alarm is computed, and honest ledgers have none.
                    if table != "ledger.alarm":
                        cursor.execute(f"insert into {table} select * from as_it_was.{table.replace('.', '_')}")
        for file in self._moving():
            shutil.copy(self._files / file.name, file)

    def _tables(self) -> dict[str, tuple[str, ...]]:
        return {**dict.fromkeys(self.platform.services, _STORE), "reporting": (*_STORE, *_LEDGER)}

    def _moving(self) -> list[Path]:
        spools = [settings.spool for settings in self.platform.emitters.values()]
        return [*spools, self.platform.witness_state, self.platform.log_keys.signed]
