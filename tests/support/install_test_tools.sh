#!/bin/sh
# Installs what the tests need beyond Python: Chromium for the browser tests. Says what is missing where it may not.
set -eu
command -v chromium >/dev/null 2>&1 && exit 0
as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root="sudo -n"; else
    echo "Missing: chromium (the browser tests). Install it with: sudo apt-get install chromium" >&2
    exit 0
  fi
fi
command -v apt-get >/dev/null 2>&1 || { echo "Missing: chromium; this is not Debian or Ubuntu, install it by hand" >&2; exit 0; }
echo "Installing chromium for the browser tests"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq chromium >/dev/null
