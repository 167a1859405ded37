"""Bundles as the command makes them: what they hold is proved, and what they cannot prove is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bundle_altering import files_of, judge
from bundle_scenario import EDITION, Programme
from click.testing import CliRunner

import miriam_verify
from miriam_cli.exits import Exit
from miriam_contracts.canonical import canonical
from miriam_reporting.audit.access import looks
from miriam_reporting.commands.bundle import bundle as command
from miriam_reporting.reports import LEVELS, compute
from miriam_transparency.keys import write_public

CHECKS = ["files", "checkpoint", "leaves", "root", "evidence", "figures", "definitions", "reports"]


def verify(bundle: Path, keys: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Run the verifier as an auditor does, with no packages in sight."""
    command = [sys.executable, "-I", "-S", miriam_verify.__file__, "--key", str(keys), str(bundle), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("name", ["ledger", "earlier", "edition", "alpha", "gamma"])
def test_a_good_bundle_agrees_in_everything(programme: Programme, bundles: dict[str, Path], name: str) -> None:
    code, told = verify(bundles[name], programme.authority_pub)
    assert (code, told["verdict"], told["untrue"]) == (0, "agrees", [])
    assert [each["what"] for each in told["agrees"]] == CHECKS


def test_the_same_position_and_scope_give_the_same_bytes(bundles: dict[str, Path]) -> None:
    assert bundles["ledger"].read_bytes() == bundles["again"].read_bytes()


def test_its_figures_are_those_of_the_report_in_canonical_form(programme: Programme, bundles: dict[str, Path]) -> None:
    told = json.loads(files_of(bundles["ledger"])["figures.json"])
    report = compute(programme.app, EDITION, None, LEVELS)
    assert told["figures"] == [figure.as_json() for figure in report.figures]
    assert told["overlaps"] == [overlap.as_json() for overlap in report.overlaps]
    assert told["overlaps"], "a woman of two CPAS makes some"
    assert told["position"] == told["as_of"] == told["checkpoint"]["size"] == report.position
    joined = files_of(bundles["ledger"])["figures.json"].replace(b"\n", b"")
    assert joined == canonical(told), "the lines are but where it is cut"


def test_publications_signatures_and_drafts_are_replayed_in_the_whole_ledger(
    programme: Programme, bundles: dict[str, Path]
) -> None:
    _, told = verify(bundles["ledger"], programme.authority_pub)
    (said,) = (each["detail"] for each in told["agrees"] if each["what"] == "reports")
    assert said == "2 drafts, 4 signatures, 2 publications of the edition hold"
    assert not [each for each in told["unproved"] if each["what"] == "reports"]
    _, limited = verify(bundles["edition"], programme.authority_pub)
    assert [each["detail"] for each in limited["unproved"] if each["what"] == "reports"]


def test_an_earlier_position_is_proved_by_a_later_checkpoint(programme: Programme, bundles: dict[str, Path]) -> None:
    files = files_of(bundles["earlier"])
    assert "consistency.txt" in files
    assert judge(files, programme.authority_pub).untrue == []


def test_a_limited_bundle_says_which_figures_it_cannot_show(programme: Programme, bundles: dict[str, Path]) -> None:
    left_out = {}
    for name in ("edition", "alpha", "gamma"):
        _, told = verify(bundles[name], programme.authority_pub)
        said = [each["detail"] for each in told["unproved"] if each["what"] == "figures"]
        left_out[name] = said[0].partition(":")[0]
        assert [each for each in told["unproved"] if each["what"] == "completeness"]
    assert left_out["edition"] == left_out["alpha"] == "D07, D08"
    # Gamma shares a woman and hosts another's, and is in a consortium.
    assert left_out["gamma"] == "I01, I02, I03, I04, I05, I06, I08, I09, I13, I16, D05, D06, D07, D08"


def test_a_bundle_of_a_cpas_holds_no_leaf_of_another(bundles: dict[str, Path]) -> None:
    for name, cpas in (("alpha", "alpha"), ("gamma", "gamma")):
        leaves = [json.loads(line) for line in files_of(bundles[name])["leaves.jsonl"].splitlines()]
        owners = {leaf["subject"].partition(":")[0] for leaf in leaves if leaf["origin"].startswith("/cpas/")}
        assert owners == {cpas}


def test_a_bundle_names_no_salt_where_not_every_leaf_is_held(bundles: dict[str, Path]) -> None:
    assert files_of(bundles["edition"])["publications.json"] == b"{}"
    salts = json.loads(files_of(bundles["ledger"])["publications.json"])
    assert sorted(salts["cpas"]) == ["alpha", "beta", "delta", "gamma"]


def test_making_one_is_logged_before_it_is_made(programme: Programme, bundles: dict[str, Path]) -> None:
    with programme.app:
        found = [look for look in looks(programme.app) if look.what["command"] == "audit bundle"]
    assert {"kind": "cpas", "cpas": "gamma"} in [look.what["scope"] for look in found]
    assert {(look.actor, look.purpose) for look in found} == {("auditor.jo", "a test")}


def test_without_the_authoritys_key_its_cosignature_is_named_as_not_proved(
    programme: Programme, bundles: dict[str, Path], tmp_path: Path
) -> None:
    for key, missing in ((programme.log, "checkpoint"), (programme.authority, "files")):
        keys = tmp_path / f"{missing}.pub"
        write_public([key.verifier], keys)
        code, told = verify(bundles["ledger"], keys)
        assert code == 0
        assert missing in [each["what"] for each in told["unproved"]]


def test_what_the_command_prints_is_json_and_the_operators_line_stands_beside(
    programme: Programme, tmp_path: Path
) -> None:
    result = make(programme, EDITION, "--out", str(tmp_path / "b.zip"), "--json")
    told = json.loads(result.stdout)
    assert (told["edition"], told["leaves"], told["scope"]) == (EDITION, told["position"], {"kind": "ledger"})
    line = json.loads(result.stderr)
    assert (line["event"], line["name"], line["count"]) == ("bundle_made", EDITION, told["leaves"])
    plain = make(programme, EDITION, "--out", str(tmp_path / "b.zip"))
    assert f"SHA-256 of its manifest: {told['manifest']}" in plain.stdout


def test_definitions_of_another_day_are_in_it_where_a_draft_was_made_by_them(bundles: dict[str, Path]) -> None:
    listings = [name for name in files_of(bundles["ledger"]) if name.startswith("indicators/definitions.")]
    assert len(listings) == 2
    assert len([name for name in files_of(bundles["earlier"]) if name.startswith("indicators/definitions.")]) == 1


def make(programme: Programme, *arguments: str) -> Any:
    environment = {
        "MIRIAM_REPORTING_DATABASE_URL": programme.access.app_url,
        "MIRIAM_KEYS_DIR": str(programme.keys),
        "MIRIAM_HOME": str(programme.folder),
    }
    return CliRunner().invoke(command, [*arguments, "--purpose", "a test"], env=environment)


def test_questions_that_have_no_bundle_are_answered_by_an_exit_code(programme: Programme, tmp_path: Path) -> None:
    out = str(tmp_path / "none.zip")
    for arguments, code, said in (
        (("1999", "--out", out), Exit.USAGE, "editions there: 2023, 2024"),
        ((EDITION, "--out", out, "--cpas", "omega"), Exit.USAGE, "omega is no registered CPAS"),
        ((EDITION, "--out", out, "--cpas", "alpha", "--edition-only"), Exit.USAGE, "give --edition-only or --cpas"),
        ((EDITION, "--out", out, "--as-of", "999999"), Exit.USAGE, "999999"),
        ((EDITION, "--out", str(tmp_path / "no" / "folder.zip")), Exit.PREREQUISITE, "cannot be written"),
    ):
        result = make(programme, *arguments)
        assert (result.exit_code, said in result.output) == (code, True), result.output
    assert list(tmp_path.iterdir()) == []


def test_without_a_cosigned_head_none_is_made(programme: Programme, tmp_path: Path) -> None:
    others = tmp_path / "keys"
    others.mkdir()
    for name in ("log.pem", "log.vkeys"):
        (others / name).write_bytes((programme.keys / name).read_bytes())
    write_public([programme.authority.make("other.example/witness", 4).verifier], others / "witnesses.vkeys")
    environment = {"MIRIAM_REPORTING_DATABASE_URL": programme.access.app_url, "MIRIAM_KEYS_DIR": str(others)}
    arguments = [EDITION, "--out", str(tmp_path / "b.zip"), "--purpose", "a test", "--wait", "0"]
    result = CliRunner().invoke(command, arguments, env=environment)
    assert result.exit_code == Exit.PREREQUISITE
    assert "is cosigned by other.example/witness" in result.output
    assert not (tmp_path / "b.zip").exists()


def test_a_bundle_is_readable_by_its_maker_alone(bundles: dict[str, Path]) -> None:
    assert {path.stat().st_mode & 0o777 for path in bundles.values()} == {0o600}
