#!/bin/sh
# rootfs.sh DIRECTORY: makes the image's file system, in the build stage of the Dockerfile.
set -eu
root=$1
mkdir -p "$root"
umask 022

# As a Debian has them, so that the files also fit onto one.
mkdir -p "$root/usr/bin" "$root/usr/lib" "$root/usr/lib64" "$root/usr/local/bin" "$root/app" "$root/etc/ssl/certs"
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"
mkdir -m 1777 "$root/tmp"

# The runtime: Node and what the dynamic linker loads for it. Host names need nothing more, since glibc 2.34 has
# "files" and "dns" inside.
node=$(command -v node)
cp "$node" "$root/usr/local/bin/node"
strip "$root/usr/local/bin/node"
for library in $(ldd "$node" | grep -o '/[^ ]*'); do
  directory=$(dirname "$library")
  mkdir -p "$root$directory"
  cp -L "$library" "$root$library"
  # Its licence, and for scanners which package it is of: Debian's own list is not in the image.
  package=$(dpkg -S "$(realpath "$library")" | head -n 1 | cut -d: -f1)
  packages="${packages:-} $package"
done
# A word for each package.
# shellcheck disable=SC2086
for package in $(printf '%s\n' $packages ca-certificates | sort -u); do
  mkdir -p "$root/var/lib/dpkg/status.d" "$root/usr/share/doc/$package"
  dpkg-query -s "$package" > "$root/var/lib/dpkg/status.d/$package"
  cp "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/"
done
[ ! -f /usr/local/LICENSE ] || { mkdir "$root/usr/share/doc/node" && cp /usr/local/LICENSE "$root/usr/share/doc/node/"; }

# Mozilla's certificates, as the base has them; mount a file over it to trust others.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
printf 'root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/app:/sbin/nologin\n' > "$root/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' > "$root/etc/group"

# The program. There is no env to look for node; --use-system-ca: the file above counts beside what Node brings.
program=$root/opt/localrag-migrate
mkdir -p "$program"
cp -r dist migrations "$program/"
sed -i '1s|.*|#!/usr/local/bin/node --use-system-ca|' "$program/dist/bin.js"
ln -s /opt/localrag-migrate/dist/bin.js "$root/usr/local/bin/localrag-migrate"
# Readable for uid 65532 whatever the umask of the checkout was.
chmod -R a+rX "$root"
chmod 1777 "$root/tmp"
