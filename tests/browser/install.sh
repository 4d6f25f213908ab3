#!/bin/sh
# Gets what the browser tests drive, or says in one line what is missing.
# Usage: install.sh BIN, where BIN holds the environment's programs.
set -eu
bin=$1
venv=$(dirname "$bin")
vnu=26.9.27

have() { command -v "$1" >/dev/null 2>&1; }
missing() { echo "trendsite tests: $1" >&2; exit 1; }

may_install() { [ "$(id -u)" = 0 ] && have apt-get; }
install() {
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"; } \
        >"$venv/apt.log" 2>&1
}

# The shell is Chromium without windows of its own, and takes half of the time. Debian has it; where
# it is not to be had, a whole browser serves.
if ! have chromium-headless-shell && [ ! -e "$venv/no-shell" ] && may_install; then
    install chromium-headless-shell || touch "$venv/no-shell"
fi
wanted=
have nginx || wanted="nginx-light"
have chromium-headless-shell || have chromium || have chromium-browser || have google-chrome || wanted="chromium"
[ -z "$wanted" ] && fc-list :lang=ja 2>/dev/null | grep -q . || wanted="$wanted fonts-noto-cjk"
have java || wanted="$wanted default-jre-headless"
have npm || [ -e "$venv/vnu.jar" ] || wanted="$wanted npm"
if [ -n "$wanted" ] && may_install; then
    install $wanted || missing "apt-get could not install$wanted; see $venv/apt.log"
elif [ "${wanted#chromium}" != "$wanted" ]; then
    "$bin/playwright" install --only-shell chromium || missing "no Chromium: install Chrome or Chromium"
fi
have java || missing "no Java, which the HTML validator needs: install a JRE"
if [ ! -e "$venv/vnu.jar" ]; then
    have npm || missing "no npm, from which the HTML validator comes: install npm"
    folder=$(mktemp -d)
    (cd "$folder" && npm pack --silent "vnu-jar@$vnu" >/dev/null && tar -xzf vnu-jar-*.tgz) ||
        missing "npm could not fetch vnu-jar $vnu"
    mv "$folder/package/build/dist/vnu.jar" "$venv/vnu.jar"
    rm -r "$folder"
fi
