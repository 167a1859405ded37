#!/usr/bin/env bash
# Makes this machine ready for Miriam; run it as often as you like, it does only what is missing.
#   deploy/local/setup.sh [dev|test|bench]
# 1. PostgreSQL, RabbitMQ, nginx and Python from Debian's or Ubuntu's packages, without starting the system's servers.
#    `test` is `dev` and what tests look with: a Chromium, 300 MB that nobody else needs, and a reader of PDFs.
# 2. A virtual environment (.venv, or .venv-bench) with exactly the locked packages, each checked against its hash.
# 3. The project's own packages, installed by path.
# Exit code 3: something must be installed that this script may not install; it says what.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

kind=${1:-dev}
case $kind in
  dev | test) venv=.venv lock=requirements-dev.lock ;;
  bench) venv=.venv-bench lock=requirements-bench.lock ;;
  *) echo "usage: $0 [dev|test|bench]" >&2; exit 2 ;;
esac
packages=(shared/contracts shared/cli shared/transparency shared/platform shared/emitter shared/importer shared/simulator
  shared/verifier shared/conformance
  services/intake services/sessions services/groups services/reporting deploy/local deploy/front)

# Python 3.11 or later that can make virtual environments.
find_python() {
  local candidate
  for candidate in python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; }
has_rabbitmq() {
  [ -e /usr/lib/rabbitmq/bin/rabbitmq-server ] || [ -e /opt/rabbitmq/sbin/rabbitmq-server ] ||
    compgen -G '/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server' >/dev/null
}
has_epmd() { command -v epmd >/dev/null; }
# What PDFs are set with: Pango and its fonts.
has_library() { compgen -G "/usr/lib/*/$1" >/dev/null || compgen -G "/usr/lib*/$1" >/dev/null; }
has_font() { command -v fc-list >/dev/null && fc-list : family | grep -q "^$1"; }
has_nginx() { [ -x /usr/sbin/nginx ] || command -v nginx >/dev/null; }
has_chromium() {
  command -v "${MIRIAM_CHROMIUM:-chromium}" >/dev/null || command -v chromium-browser >/dev/null ||
    command -v google-chrome >/dev/null
}
# Ubuntu has it under another name.
chromium_package() { if grep -qs '^ID=ubuntu' /etc/os-release; then echo chromium-browser; else echo chromium; fi; }

missing_packages() {
  find_python >/dev/null || echo "python3 python3-venv"
  # Addresses that exist already need no server here.
  { [ -n "${MIRIAM_POSTGRES_URL:-}" ] || has_postgres; } || echo postgresql
  { [ -n "${MIRIAM_AMQP_URL:-}" ] || { has_rabbitmq && has_epmd; }; } || echo rabbitmq-server
  has_library 'libpangoft2-1.0.so.0' && has_library 'libharfbuzz-subset.so.0' ||
    echo "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig"
  has_font 'Liberation Sans' || echo fonts-liberation
  has_font 'DejaVu Sans' || echo fonts-dejavu-core
  # The tests read PDFs with what is none of ours.
  [ "$kind" != test ] || { command -v pdftotext >/dev/null && command -v pdffonts >/dev/null; } || echo poppler-utils
  # What stands before the front (deploy/front): the tests ask nginx itself whether its configuration does what it says.
  has_nginx || echo nginx-light
  [ "$kind" != test ] || has_chromium || chromium_package
  # Playwright brings a Node.js of its own, which needs this.
  [ "$kind" != test ] || has_library 'libatomic.so.1' || echo libatomic1
}


install_system_packages() {
  local wanted=("$@") as_root=() policy=/usr/sbin/policy-rc.d made_policy=no cluster=/etc/postgresql-common/createcluster.conf
  local advice="sudo apt-get update && sudo apt-get install -y --no-install-recommends ${wanted[*]}"
  if ! command -v apt-get >/dev/null; then
    echo "Not installed: ${wanted[*]} (this is not Debian or Ubuntu, so install them by hand)" >&2
    exit 3
  fi
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
      printf 'Not installed: %s\nNext: %s\n' "${wanted[*]}" "$advice" >&2
      exit 3
    fi
    as_root=(sudo)
  fi
  echo "· installing ${wanted[*]} (as packages of this system)"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
  local log; log=$(mktemp)
  # Nothing may start on the standard ports: for the time of the installation, services are told not to.
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
    "${as_root[@]}" chmod 755 $policy
    made_policy=yes
  fi
  restore() {
    [ $made_policy = no ] || "${as_root[@]}" rm -f $policy
    [ ! -e $cluster.miriam ] || "${as_root[@]}" mv -f $cluster.miriam $cluster
    rm -f "$log"
  }
  trap restore EXIT
  try() { "$@" >"$log" 2>&1 || { tail -n 30 "$log" >&2; printf 'Next: mend the above, or install by hand: %s\n' "$advice" >&2; exit 3; }; }
  try "${apt[@]}" update
  if [[ " ${wanted[*]} " == *" postgresql "* ]] && [ ! -e $cluster ]; then
    # Debian would make a "main" cluster on port 5432, and start it at every boot.
    try "${apt[@]}" install -y --no-install-recommends postgresql-common
    if [ -e $cluster ]; then
      "${as_root[@]}" cp -p $cluster $cluster.miriam
      "${as_root[@]}" pg_conftool $cluster set create_main_cluster false
    fi
  fi
  try "${apt[@]}" install -y --no-install-recommends "${wanted[@]}"
  if [[ " ${wanted[*]} " == *" rabbitmq-server "* ]] && command -v systemctl >/dev/null; then
    # Installed by us for private use: the system's own server shall not start at the next boot either.
    "${as_root[@]}" systemctl disable -q rabbitmq-server.service epmd.service epmd.socket 2>/dev/null || true
  fi
  if [[ " ${wanted[*]} " == *" nginx-light "* ]] && command -v systemctl >/dev/null; then
    "${as_root[@]}" systemctl disable -q nginx.service 2>/dev/null || true
  fi
  trap - EXIT
  restore
}

digest() { cat "$@" | sha256sum | cut -c1-32; }

make_environment() {
  local python stamp
  stamp="$(digest "$lock") $PWD"
  if [ "$(cat $venv/.locked 2>/dev/null)" != "$stamp" ] || ! $venv/bin/python -c 'import pip' 2>/dev/null; then
    if ! $venv/bin/python -c 'import pip' 2>/dev/null; then
      python=$(find_python) || { echo "no Python 3.11 or later with venv" >&2; exit 3; }
      echo "· making $venv with $("$python" --version)"
      "$python" -m venv --clear $venv
    fi
    echo "· installing the locked packages into $venv"
    $venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r "$lock"
    rm -f $venv/.packages
    echo "$stamp" >$venv/.locked
  fi
  stamp=$(digest "${packages[@]/%//pyproject.toml}")
  if [ "$(cat $venv/.packages 2>/dev/null)" != "$stamp" ]; then
    echo "· installing the project's own packages by path"
    local by_path=() package said
    for package in "${packages[@]}"; do by_path+=(-e "$package"); done
    said=$($venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation "${by_path[@]}" 2>&1) ||
      { echo "$said" >&2; exit 1; }
    echo "$stamp" >$venv/.packages
  fi
}

# Two runs at once would spoil one environment.
exec 9>"${TMPDIR:-/tmp}/miriam-setup-$(id -u).lock"
flock 9

read -r -d '' -a missing < <(missing_packages && printf '\0') || true
[ ${#missing[@]} = 0 ] || install_system_packages "${missing[@]}"
make_environment
