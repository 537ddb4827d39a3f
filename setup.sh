#!/usr/bin/env bash
# Installs everything into this checkout: .venv (the product and its tools) and
# .local/emulator (the emulators). Does nothing when nothing changed.
set -euo pipefail
cd "$(dirname "$0")"

PYTHON=${PYTHON:-python3}

fail() {
    echo "setup: $1" >&2
    exit 1
}

command -v "$PYTHON" >/dev/null 2>&1 ||
    fail "there is no $PYTHON here; install Python 3.11 or newer, or set PYTHON"
version=$("$PYTHON" -c 'import platform; print(platform.python_version())')
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$PYTHON is Python $version, and 3.11 or newer is needed; set PYTHON to one"
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$PYTHON cannot make virtual environments; on Debian and Ubuntu install python3-venv"

# fingerprint REQUIREMENTS: changes with the list and with the interpreter.
fingerprint() {
    "$PYTHON" - "$1" <<'PYTHON'
import hashlib, pathlib, sys
print(sys.version.split()[0], sys.base_prefix,
      hashlib.sha256(pathlib.Path(sys.argv[1]).read_bytes()).hexdigest())
PYTHON
}

# progress TOTAL: pip's many lines as one that counts.
progress() {
    awk -v total="$1" '
        function say(end) { printf "setup:   %d of at most %d packages%s", n, total, end }
        BEGIN { tty = !system("test -t 1") }
        /^(Collecting|Processing)/ { n++; if (tty) say("\r"); else if (n % 40 == 0) say("\n"); fflush() }
        /^Installing/ { say(", unpacking\n"); fflush() }'
}

# install DIRECTORY REQUIREMENTS WHAT
install() {
    local stamp total
    stamp=$(fingerprint "$2")
    if [[ -x $1/bin/python && $(cat "$1/.installed" 2>/dev/null) == "$stamp" ]]; then
        return
    fi
    # Clearing goes through a link: it would empty what another checkout works with.
    [[ ! -L $1 ]] || fail "$1 is a link, and not of $2; install where it leads, or remove it"
    echo "setup: installing $3 into $1"
    total=$(grep -c '^[a-z0-9].*==' "$2")
    # Begun anew, so that nothing an older list asked for stays behind.
    "$PYTHON" -m venv --clear "$1"
    "$1/bin/python" -m pip install --disable-pip-version-check --progress-bar=off \
        --require-hashes --no-deps --requirement "$2" | progress "$total" ||
        fail "pip could not install $2; what it said is above"
    echo "$stamp" >"$1/.installed"
}

install .venv requirements-dev.txt "the product and its tools"
install .local/emulator requirements-emulator.txt "the emulators"
echo "setup: everything is installed (Python $version)"
