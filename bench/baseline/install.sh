#!/usr/bin/env bash
# Installs what the baseline runs on into a folder that git ignores, once, and prints its Python.
#
#   bench/baseline/install.sh [FOLDER]      by default target/baseline
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
case ${1:-} in -*) sed -n '2,4s/^# \{0,1\}//p' "$0"; case $1 in -h | --help) exit 0 ;; *) exit 64 ;; esac ;; esac
folder=${1:-$here/../../target/baseline}
installed=$folder/requirements.txt
if ! cmp -s "$here/requirements.txt" "$installed"; then
    python3 -m venv --clear "$folder" >&2
    "$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$installed"
fi
echo "$(cd "$folder" && pwd)/bin/python"
