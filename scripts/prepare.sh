# Sourced by scripts/demo and scripts/test: goes to the project's root and makes what they run in.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
umask 022

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

# once_per FILE STAMP COMMAND...: runs the command, unless it succeeded for FILE as it is now.
once_per() {
  local file=$1 stamp=$2 now
  shift 2
  now=$(sha256sum <"$file")
  [ "$(cat "$stamp" 2>/dev/null)" != "$now" ] || return 0
  "$@"
  printf '%s\n' "$now" >"$stamp"
}

# from_debian PACKAGE...: installs them, or says which command the operator has to run.
from_debian() {
  local packages="$*" become=()
  if [ "$(id -u)" != 0 ]; then become=(sudo -n); fi
  if ! command -v apt-get >/dev/null || ! ${become[@]+"${become[@]}"} true 2>/dev/null; then
    fail "Missing: $packages. Please run: sudo apt-get install --no-install-recommends $packages"
  fi
  say "Installing $packages from Debian ..."
  local install=(${become[@]+"${become[@]}"} env DEBIAN_FRONTEND=noninteractive
    apt-get install -qq -y --no-install-recommends "$@")
  "${install[@]}" >/dev/null 2>&1 && return
  # The lists of packages may be absent or old.
  ${become[@]+"${become[@]}"} apt-get update -qq >/dev/null || true
  "${install[@]}" >/dev/null ||
    fail "Debian's $packages could not be installed; the lines above say why."
}

find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s' "$name"
      return
    fi
  done
  fail "Python 3.11 or newer is needed. Please run: sudo apt-get install python3"
}

make_venv() {
  .venv/bin/python -m pip --version >/dev/null 2>&1 && return
  local python
  python=$(find_python)
  # Debian keeps this part of Python in a package of its own.
  "$python" -c 'import ensurepip' 2>/dev/null || from_debian python3-venv
  say "Making .venv ..."
  "$python" -m venv --clear .venv
}

# uv is much faster than pip; pinned and hashed like the rest.
install_uv() {
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes \
    -r <(sed -n '/^uv==/,/^    # via/p' requirements-dev.txt)
}

install_with_uv() {
  say "Installing what $1 pins ..."
  [ -x .venv/bin/uv ] || install_uv
  .venv/bin/uv pip install -q --compile-bytecode --python .venv/bin/python --require-hashes -r "$1"
}

# install_requirements FILE: brings .venv to what the file pins.
install_requirements() {
  make_venv
  once_per "$1" ".venv/installed-$1.sha256" install_with_uv "$1"
}
