#!/usr/bin/env bash
# The demo's edition as an auditor takes it apart: a report is drafted, signed by each CPAS and published; then everything
# that the platform claims is checked, last of all without the platform. Needs a platform that `make demo` has filled.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

EDITION=2023-2024
PATH="$PWD/.venv/bin:$PATH"
HOME_OF_STATE=${MIRIAM_HOME:-.miriam}
BUNDLE="$HOME_OF_STATE/audit-$EDITION.zip"
export MIRIAM_PURPOSE=${MIRIAM_PURPOSE:-"a look at the demo"}

run() {
  printf '\n$ %s\n' "$*"
  "$@"
}

signed_by_all() { # every CPAS signs with its own key, beside its credentials
  local keys=("$HOME_OF_STATE"/emitters/*.signing.pem)
  printf '\n$ miriam sign %s --as CPAS    # %d times, each with its own key\n' "$1" "${#keys[@]}"
  printf '%s\n' "${keys[@]##*/}" | sed 's/\.signing\.pem$//' |
    xargs -P 4 -I{} sh -c 'told=$(miriam sign "$1" --as "$2" --yes 2>&1) || { echo "$told" | tail -n 3 >&2; exit 1; }' _ "$1" {}
  echo "${#keys[@]} signatures"
}

report=$(miriam reports --json | python3 -c '
import json, sys
found = json.load(sys.stdin)["reports"]
print(*[each["report"] for each in found if each["edition"] == sys.argv[1] and each["status"] == "published"][:1])
' "$EDITION")
if [ -z "$report" ]; then
  run miriam draft "$EDITION"
  signed_by_all "$EDITION-r1"
  run miriam publish "$EDITION-r1"
else
  printf '%s is published already\n' "$report"
fi
run miriam audit replay
run miriam audit verify
run miriam audit reconcile
run miriam emit --as anderlecht --reconcile
run miriam audit sample "$EDITION" --size 3 --seed demo --kind women
run miriam audit bundle "$EDITION" --out "$BUNDLE"
run python3 -I shared/verifier/miriam_verify.py --key "$HOME_OF_STATE/keys/AUTHORITY.pub" "$BUNDLE"
