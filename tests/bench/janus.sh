#!/usr/bin/env bash
# Debian's Janus for comparisons: its videoroom over a WebSocket, ICE-lite, on one interface, no STUN, nothing kept.
#
#   tests/bench/janus.sh FOLDER INTERFACE ADDRESS PORT      writes its configuration into FOLDER and becomes Janus
#
# Janus does not use a loopback interface, so it needs another one: see side_by_side. It runs as Debian configures it, with a thread
# for each peer connection; JANUS_EVENT_LOOPS=1 gives it one thread for all of them.
set -euo pipefail
folder=$1 interface=$2 address=$3 port=$4
lib=/usr/lib/x86_64-linux-gnu/janus
[ -d "$lib" ] || lib=$(dirname "$(find /usr/lib -path '*/janus/plugins' -print -quit)")
mkdir -p "$folder/plugins" "$folder/transports" "$folder/none"
# Only what is needed: each plugin and transport that is loaded costs memory and threads.
ln -sf "$lib"/plugins/libjanus_videoroom.so* "$folder/plugins/"
ln -sf "$lib"/transports/libjanus_websockets.so* "$folder/transports/"
cat >"$folder/janus.jcfg" <<CONFIG
general: {
  configs_folder = "$folder"
  plugins_folder = "$folder/plugins"
  transports_folder = "$folder/transports"
  events_folder = "$folder/none"
  loggers_folder = "$folder/none"
  debug_level = 2
  debug_colors = false
  ${JANUS_EVENT_LOOPS:+event_loops = $JANUS_EVENT_LOOPS}
}
nat: {
  ice_lite = true
  ice_enforce_list = "$interface"
}
CONFIG
cat >"$folder/janus.transport.websockets.jcfg" <<CONFIG
general: {
  json = "plain"
  ws = true
  ws_port = $port
  ws_ip = "$address"
}
CONFIG
echo 'general: { }' >"$folder/janus.plugin.videoroom.jcfg"
exec janus --config="$folder/janus.jcfg" --configs-folder="$folder"
