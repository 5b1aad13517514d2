// The way that media takes, read from a browser's statistics.

/** `direct`: from the other browser. `server`: by way of the server. */
export type MediaPath = "direct" | "server";

/** How sound and pictures come to us, as far as the browser knows. */
export interface Path {
  path: MediaPath;
  /** "host", "srflx", "prflx" or "relay": ours and the other end's. Undefined while it is not known. */
  local: string | undefined;
  remote: string | undefined;
  /** "udp" or "tcp" */
  protocol: string | undefined;
  /** There and back, in milliseconds. */
  roundTrip: number | undefined;
}

interface Pair {
  type: string;
  selected?: boolean;
  nominated?: boolean;
  state?: string;
  localCandidateId: string;
  remoteCandidateId: string;
  currentRoundTripTime?: number;
}

export function pathIn(report: RTCStatsReport | undefined): Omit<Path, "path"> {
  const entries = [...(report?.values() ?? [])] as Pair[];
  const transport = entries.find(({ type }) => type === "transport") as { selectedCandidatePairId?: string } | undefined;
  // Firefox names the pair by `selected`.
  const pair =
    (report?.get(transport?.selectedCandidatePairId ?? "") as Pair | undefined) ??
    entries
      .filter(({ type }) => type === "candidate-pair")
      .find(({ selected, nominated, state }) => selected || (nominated && state === "succeeded"));
  const candidate = (id: string | undefined): RTCIceCandidateStats | undefined =>
    report?.get(id ?? "") as RTCIceCandidateStats | undefined;
  const local = candidate(pair?.localCandidateId);
  const seconds = pair?.currentRoundTripTime;
  return {
    local: local?.candidateType,
    remote: candidate(pair?.remoteCandidateId)?.candidateType,
    protocol: local?.protocol,
    roundTrip: seconds === undefined ? undefined : seconds * 1000,
  };
}

interface RTCIceCandidateStats {
  candidateType?: string;
  protocol?: string;
}
