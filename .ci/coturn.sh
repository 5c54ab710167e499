#!/bin/sh
# Prints the path of coturn's turnserver for the tests of calls and gets Debian's when there is none: unpacked under
# var/debs without installing anything, so that no service of the machine is started.
set -eu
cd "$(dirname "$0")/.."
if [ -n "${TURNSERVER:-}" ]; then echo "$TURNSERVER"; exit; fi
if path=$(command -v turnserver); then echo "$path"; exit; fi
debs=$PWD/var/debs-coturn
if [ -x "$debs/turnserver" ]; then echo "$debs/turnserver"; exit; fi
echo "Unpacking coturn into var/debs-coturn (nothing is installed)" >&2
mkdir -p "$debs/lists/partial" "$debs/archives/partial" "$debs/root"
apt="apt-get -q -o Debug::NoLocking=1 -o Dir::State::lists=$debs/lists -o Dir::Cache=$debs -o Dir::Cache::archives=$debs/archives"
$apt update >&2
$apt install -y --download-only --no-install-recommends coturn >&2
for deb in "$debs"/archives/*.deb; do dpkg-deb -x "$deb" "$debs/root"; done
libraries=$(find "$debs/root" -name '*.so*' -exec dirname {} \; | sort -u | tr '\n' ':')
cat > "$debs/turnserver" <<END
#!/bin/sh
export LD_LIBRARY_PATH=$libraries
exec $debs/root/usr/bin/turnserver "\$@"
END
chmod +x "$debs/turnserver"
echo "$debs/turnserver"
