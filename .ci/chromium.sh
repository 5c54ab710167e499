#!/bin/sh
# Prints the path of a Chromium for the browser tests and gets Debian's when there is none: as root with apt-get, else
# unpacked under var/debs without installing anything.
set -eu
cd "$(dirname "$0")/.."
if [ -n "${CHROMIUM:-}" ]; then echo "$CHROMIUM"; exit; fi
for name in chromium chromium-browser google-chrome; do
    if path=$(command -v $name); then echo "$path"; exit; fi
done
debs=$PWD/var/debs
if [ -x "$debs/chromium" ]; then echo "$debs/chromium"; exit; fi
if [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium" >&2
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium fonts-liberation; } >&2
    command -v chromium
    exit
fi
echo "Unpacking Chromium into var/debs (not root: nothing is installed)" >&2
mkdir -p "$debs/lists/partial" "$debs/archives/partial" "$debs/root"
apt="apt-get -q -o Debug::NoLocking=1 -o Dir::State::lists=$debs/lists -o Dir::Cache=$debs -o Dir::Cache::archives=$debs/archives"
$apt update >&2
$apt install -y --download-only --no-install-recommends chromium fonts-liberation >&2
for deb in "$debs"/archives/*.deb; do dpkg-deb -x "$deb" "$debs/root"; done
libraries=$(find "$debs/root" -name '*.so*' -exec dirname {} \; | sort -u | tr '\n' ':')
cat > "$debs/fonts.conf" <<END
<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <include ignore_missing="yes">$debs/root/etc/fonts/fonts.conf</include>
  <dir>$debs/root/usr/share/fonts</dir><cachedir>$debs/fontcache</cachedir>
</fontconfig>
END
cat > "$debs/chromium" <<END
#!/bin/sh
export LD_LIBRARY_PATH=$libraries
export FONTCONFIG_FILE=$debs/fonts.conf
exec $debs/root/usr/lib/chromium/chromium "\$@"
END
chmod +x "$debs/chromium"
echo "$debs/chromium"
