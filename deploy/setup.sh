# What deploy/start and tests/run have in common: packages, the build, the page. Sourced, not run. Every step looks first
# whether there is anything to do, so that a start on an unchanged tree takes a second or two. A step that fails says why and returns 1.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# The packages of one section of deploy/packages.
packages_of() { awk -v wanted="[$1]" '/^\[/ { section = $1; next } section == wanted && /^[a-z0-9]/ { print $1 }' "$root/deploy/packages"; }

# Those of the given packages that are not installed.
missing_of() {
  local installed
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | awk '$2 == "installed" { print $1 }' || true)
  comm -23 <(printf '%s\n' "$@" | sort -u) <(printf '%s\n' "$installed" | sort -u)
}

has_node() { node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 18 || (a == 18 && b >= 19) ? 0 : 1)' 2>/dev/null && npm --version >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "This needs root: $*. Run it as root, or install sudo."
  fi
}

# install_packages SECTION...: installs what is missing, and touches nothing else.
install_packages() {
  command -v dpkg-query >/dev/null || die "Parley installs its packages on Debian. Elsewhere, install what deploy/packages lists and run cmake yourself (see README.md)."
  local wanted=() missing section
  for section in "$@"; do
    if [ "$section" = node ] && has_node; then continue; fi
    mapfile -t -O "${#wanted[@]}" wanted < <(packages_of "$section"; packages_of "$section-$(dpkg --print-architecture)")
  done
  missing=$(missing_of "${wanted[@]}")
  [ -n "$missing" ] || return 0
  say "Installing from Debian:" $missing
  # Of coturn only the clients and the comparison are wanted: its server must not take the ports of our own relay.
  if grep -qx coturn <<<"$missing" && [ -d /run/systemd/system ]; then as_root systemctl -q mask coturn.service; fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update </dev/null >&2 || return 1
  # shellcheck disable=SC2086  # one word for each package
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing </dev/null >&2
}

# build PRESET [TARGET...]: everything, or only these targets.
build() {
  local preset=$1 log; shift
  cd "$root"
  if [ ! -f "build/$preset/build.ninja" ]; then
    say "Preparing the $preset build."
    log=$(mktemp)
    cmake --preset "$preset" >"$log" 2>&1 || { cat "$log" >&2; return 1; }
    rm -f "$log"
  fi
  local targets=()
  [ $# = 0 ] || targets=(--target "$@")
  cmake --build --preset "$preset" -j "$(nproc)" "${targets[@]}" 2>&1 | show_build "$preset" || return 1
}

# What a build says, if it has anything to do. (A dry run cannot tell: it takes each list of files for changed.) On a terminal the
# steps take one line.
show_build() {
  local line said='' open=''
  while IFS= read -r line; do
    case $line in *'Re-checking globbed'* | *'no work to do'*) continue ;; esac
    [ -n "$said" ] || say "Building ($1). The first time takes some minutes."
    said=yes
    if [ -t 2 ] && [[ $line == \[* ]]; then
      printf '\r\033[K%.*s' "$((${COLUMNS:-80} - 1))" "$line" >&2
      open=yes
    else
      [ -z "$open" ] || echo >&2
      open=''
      say "$line"
    fi
  done
  [ -z "$open" ] || echo >&2
}

# npm_install FOLDER: what its package-lock.json says, unless that is there already.
npm_install() {
  cd "$root/$1"
  if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    say "Installing npm packages for $1."
    npm ci --no-progress --loglevel=error </dev/null >&2 || { say "The npm packages of $1 cannot be installed; the reason is above."; return 1; }
  fi
}

# The web page, into web-client/dist.
build_page() {
  npm_install web-client || return 1
  if [ ! -f dist/index.html ] || [ -n "$(find src app package.json package-lock.json ./*.ts ./*.json -newer dist/index.html -print -quit)" ]; then
    say "Building the page."
    npm run --silent build </dev/null >&2 || { say "The page cannot be built; the reason is above."; return 1; }
    touch dist/index.html
  fi
}
