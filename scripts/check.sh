#!/usr/bin/env bash
# Says whether the tree is good: format, lints, docs, tests. Every stage runs, even after one that failed.
#
#   scripts/check.sh               on what is installed; a test whose program is missing is skipped, and named
#   scripts/check.sh --with-setup  runs scripts/setup first, and stops if that fails
set -uo pipefail
cd "$(dirname "$0")/.."

main() {
  case "${1-}" in
    --with-setup) stage setup scripts/setup || finish ;;
    '') name_missing_packages ;;
    *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  stage format cargo fmt --all --check
  stage clippy cargo clippy --locked --all-targets -- -D warnings
  RUSTDOCFLAGS='-D warnings' stage docs cargo doc --locked --no-deps
  stage doctests cargo test --locked --quiet --doc
  stage tests run_tests
  stage gssapi with_gssapi
  stage deny dependencies
  finish
}

summary=()
failed=0
# What a stage says of itself in place of "ok".
skipped=

# Runs one stage and keeps its line for the end.
stage() {
  local name=$1 began=$SECONDS state=ok
  shift
  printf '\n== %s: %s\n' "$name" "$*"
  "$@" || { state=FAILED; failed=1; }
  [[ $state != ok || -z $skipped ]] || state=$skipped
  skipped=
  summary+=("$(printf '%-9s %-6s %4d s' "$name" "$state" $((SECONDS - began)))")
  [[ $state != FAILED ]]
}

finish() {
  printf '\n== stages\n'
  printf '%s\n' "${summary[@]}"
  exit "$failed"
}

run_tests() {
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --locked --no-fail-fast
  else
    cargo test --locked --no-fail-fast --lib --bins --tests
  fi
}

# The one cargo feature that needs the system's headers: the logged-on user's Kerberos tickets.
with_gssapi() {
  if [[ ! -e /usr/include/gssapi/gssapi.h && -z ${CI-} ]]; then
    echo "skipped: libkrb5-dev is not installed"
    return
  fi
  cargo clippy --locked --all-targets --features gssapi -- -D warnings &&
    cargo test --locked --quiet --features gssapi --test interop_proxy logged_on
}

# Licences, sources and known faults of the dependencies, by deny.toml.
dependencies() {
  if ! cargo deny --version >/dev/null 2>&1; then
    echo "skipped: cargo-deny is not installed (cargo install cargo-deny)"
    skipped=skipped
    return
  fi
  cargo deny --locked check
}

name_missing_packages() {
  local missing
  missing=$(scripts/setup --missing | paste -sd ' ')
  [[ -z $missing ]] || echo "not installed, so tests that need them are skipped: $missing (scripts/setup installs them)"
}

main "$@"
