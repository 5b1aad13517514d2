// The probe runs inside every page before its first script: it remembers the peer connections that the page makes, and reads
// their statistics into plain values that mean the same in Chromium and Firefox. It changes nothing about the connections, so
// what a test measures is what the page has.

/** Runs in the page (it is sent there as text, so it may use nothing from outside itself). */
export function installProbe() {
  const connections = [];
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class RTCPeerConnection extends Native {
    constructor(...args) {
      super(...args);
      connections.push(this);
    }
  };

  const alive = () => connections.filter((connection) => connection.signalingState !== 'closed');
  const codecOf = (report, entry) => (report.get(entry.codecId)?.mimeType ?? '').split('/').pop().toUpperCase();

  async function inboundOf(connection, transceiver) {
    const report = await transceiver.receiver.getStats();
    for (const entry of report.values()) {
      if (entry.type !== 'inbound-rtp') continue;
      return {
        kind: entry.kind,
        trackId: transceiver.receiver.track.id,
        mid: transceiver.mid,
        connection: connections.indexOf(connection),
        codec: codecOf(report, entry),
        framesDecoded: entry.framesDecoded ?? 0,
        keyFramesDecoded: entry.keyFramesDecoded ?? 0,
        width: entry.frameWidth ?? 0,
        height: entry.frameHeight ?? 0,
        audioEnergy: entry.totalAudioEnergy ?? 0,
        samplesReceived: entry.totalSamplesReceived ?? 0,
        samplesConcealed: entry.concealedSamples ?? 0,
        packetsReceived: entry.packetsReceived ?? 0,
        packetsLost: entry.packetsLost ?? 0,
        nackCount: entry.nackCount ?? 0,
        pliCount: entry.pliCount ?? 0,
        freezeCount: entry.freezeCount ?? 0,
        retransmittedPacketsReceived: entry.retransmittedPacketsReceived ?? 0,
        fecPacketsReceived: entry.fecPacketsReceived ?? 0,
      };
    }
    return null;
  }

  async function inbound() {
    const found = [];
    for (const connection of alive()) {
      for (const transceiver of connection.getTransceivers()) found.push(await inboundOf(connection, transceiver));
    }
    return found.filter((entry) => entry !== null);
  }

  /** What the receiver of a track got until now, or null while nothing has come. */
  async function inboundOfTrack(track) {
    for (const connection of alive()) {
      const transceiver = connection.getTransceivers().find((one) => one.receiver.track === track);
      if (transceiver) return inboundOf(connection, transceiver);
    }
    return null;
  }

  async function outbound() {
    const found = [];
    for (const connection of alive()) {
      const report = await connection.getStats();
      for (const entry of report.values()) {
        if (entry.type !== 'outbound-rtp') continue;
        found.push({
          kind: entry.kind,
          rid: entry.rid ?? '',
          active: entry.active ?? true,
          connection: connections.indexOf(connection),
          codec: codecOf(report, entry),
          framesEncoded: entry.framesEncoded ?? 0,
          packetsSent: entry.packetsSent ?? 0,
          nackCount: entry.nackCount ?? 0,
          retransmittedPacketsSent: entry.retransmittedPacketsSent ?? 0,
        });
      }
    }
    return found;
  }

  /** The candidate pair that each connection uses now. */
  async function paths() {
    const found = [];
    for (const connection of alive()) {
      const report = await connection.getStats();
      const entries = [...report.values()];
      const transport = entries.find((entry) => entry.type === 'transport');
      const pair =
        report.get(transport?.selectedCandidatePairId) ??
        entries.find((entry) => entry.type === 'candidate-pair' && (entry.selected || (entry.nominated && entry.state === 'succeeded')));
      const local = report.get(pair?.localCandidateId);
      const remote = report.get(pair?.remoteCandidateId);
      found.push({
        connection: connections.indexOf(connection),
        state: connection.connectionState,
        ice: connection.iceConnectionState,
        protocol: remote?.protocol ?? local?.protocol ?? '',
        // How media leaves this browser: 'host', or 'relay', and then over what the relay is reached ('udp', 'tcp', 'tls').
        kind: local?.candidateType ?? '',
        relayProtocol: local?.relayProtocol ?? '',
        local: local ? `${local.address}:${local.port}` : '',
        remote: remote ? `${remote.address}:${remote.port}` : '',
        tls: transport?.tlsVersion ?? '',
        srtp: transport?.srtpCipher ?? '',
      });
    }
    return found;
  }

  /**
   * Polls a condition in the page and returns when it first held (Date.now(): one clock for all pages of a machine) and the
   * longest time that the page itself was stalled meanwhile.
   */
  async function momentOf(condition, seconds) {
    const begin = Date.now();
    let last = begin;
    let stall = 0;
    for (;;) {
      const now = Date.now();
      stall = Math.max(stall, now - last - 20);
      last = now;
      if (await condition()) return { at: Date.now(), stall };
      if (now - begin > seconds * 1000) return { at: null, stall };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  window.probe = { connections, inbound, inboundOfTrack, outbound, paths, momentOf };
}
