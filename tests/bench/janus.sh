#!/usr/bin/env bash
# Debian's Janus for comparisons: its videoroom over a WebSocket, ICE-lite, on the loopback only, no STUN, nothing kept.
#
#   tests/bench/janus.sh FOLDER PORT      writes its configuration into FOLDER and becomes Janus
set -euo pipefail
folder=$1 port=$2
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
  debug_level = 7
  debug_colors = false
  event_loops = 1
}
nat: {
  nice_debug = true
  ice_lite = true
  ice_enforce_list = "${JANUS_INTERFACE:-lo}"
}
CONFIG
cat >"$folder/janus.transport.websockets.jcfg" <<CONFIG
general: {
  json = "plain"
  ws = true
  ws_port = $port
  ws_ip = "${JANUS_ADDRESS:-127.0.0.1}"
}
CONFIG
echo 'general: { }' >"$folder/janus.plugin.videoroom.jcfg"
exec janus --config="$folder/janus.jcfg" --configs-folder="$folder"
