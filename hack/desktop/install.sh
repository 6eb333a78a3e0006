#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the reference desktop of a bare Debian: run as root in it, with this
# folder as the first argument. Both ways to build the image run this script.
set -eu
from=$1
export DEBIAN_FRONTEND=noninteractive

# Manuals and translations stay out; copyright notices stay in.
cat >/etc/dpkg/dpkg.cfg.d/werkplek <<'CFG'
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/man/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/lintian/*
CFG

# The screen depends on drivers that draw 3D, 140 MB with LLVM, and does without.
# An empty package says that they are there. "apt-get install libgl1-mesa-dri" in
# an image made from this one installs the real ones.
stub=$(mktemp -d)
mkdir "$stub/DEBIAN"
cat >"$stub/DEBIAN/control" <<'CFG'
Package: werkplek-desktop-without-3d
Version: 1
Architecture: all
Maintainer: werkplek.dev
Section: misc
Priority: optional
Provides: libgl1-mesa-dri
Description: stands for the 3D drivers that the reference desktop does without
CFG
dpkg-deb --root-owner-group --build "$stub" "$stub.deb" >/dev/null
dpkg -i "$stub.deb"
rm -rf "$stub" "$stub.deb"

apt-get update -q
listed=$(sed 's/#.*//' "$from/packages.txt")
# shellcheck disable=SC2046 # one word per package
apt-get install -q -y --no-install-recommends $(echo "$listed" | grep -v ' unpack$')
files=$(mktemp -d)
chmod 0755 "$files"
# shellcheck disable=SC2046
(cd "$files" && apt-get download -q $(echo "$listed" | sed -n 's/ unpack$//p'))
for package in "$files"/*.deb; do dpkg-deb -x "$package" /; done

groupadd --gid 1000 user
useradd --uid 1000 --gid 1000 --shell /bin/bash --create-home --home-dir /home/user user

# One workspace: scrolling over the background would switch between several.
sed -i 's|<number>4</number>|<number>1</number>|; /debian-menu.xml/d' /etc/xdg/openbox/rc.xml

cp -R "$from/rootfs/." /
chmod 0755 /usr/local/bin/werkplek-desktop
{ echo; cat /etc/werkplek/XTerm; } >>/etc/X11/app-defaults/XTerm

# Nothing may gain privileges here.
find / -xdev -type f -perm /6000 -exec chmod a-s {} +

apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/log/*.log /var/log/apt/* \
  /usr/share/man/* /usr/share/info/* /usr/share/locale/* /usr/share/lintian/* /tmp/* /usr/share/novnc/utils
find /usr/share/doc -type f ! -name copyright -delete
find / -xdev -name __pycache__ -type d -prune -exec rm -rf {} +
