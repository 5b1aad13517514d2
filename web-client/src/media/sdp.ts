// The one place where a description is read or touched. Chromium decodes stereo only when its *own* description asks for it
// (RFC 7587, section 7.1: `stereo=1` says what the receiver prefers), and it never writes that by itself. So where the server's
// offer carries stereo music, our answer says that we take it.

interface AudioSection {
  mid: string | undefined;
  /** First and one past the last line. */
  begin: number;
  end: number;
  opus: string | undefined;
}

function audioSections(lines: string[]): AudioSection[] {
  const starts = lines.flatMap((line, index) => (line.startsWith("m=") ? [index] : []));
  return starts
    .map((begin, position) => ({ begin, end: starts[position + 1] ?? lines.length }))
    .filter(({ begin }) => lines[begin]?.startsWith("m=audio"))
    .map(({ begin, end }) => {
      const section = lines.slice(begin, end);
      const mid = section.find((line) => line.startsWith("a=mid:"))?.slice("a=mid:".length);
      const opus = section.map((line) => /^a=rtpmap:(\d+) opus\/48000/i.exec(line)?.[1]).find((type) => type !== undefined);
      return { mid, begin, end, opus };
    });
}

function formatLine(lines: string[], section: AudioSection): number {
  return lines.findIndex(
    (line, index) => index >= section.begin && index < section.end && line.startsWith(`a=fmtp:${section.opus} `),
  );
}

function hasStereo(format: string | undefined): boolean {
  return /[ ;]stereo=1(;|\s|$)/.test(format ?? "");
}

/** `answer` with stereo=1 on each Opus section whose counterpart in `offer` has it. */
export function acceptStereo(offer: string, answer: string): string {
  const offered = offer.split("\r\n");
  const stereo = new Set(
    audioSections(offered)
      .filter((section) => section.opus !== undefined && hasStereo(offered[formatLine(offered, section)]))
      .map((section) => section.mid),
  );
  return withStereo(answer, stereo);
}

/** `answer` with stereo=1 on the Opus sections with these mids. */
export function withStereo(answer: string, stereo: ReadonlySet<string | undefined>): string {
  if (stereo.size === 0) return answer;
  const lines = answer.split("\r\n");
  // From the end, so that an inserted line does not move the sections before it.
  for (const section of audioSections(lines).reverse()) {
    if (section.opus === undefined || !stereo.has(section.mid)) continue;
    const format = formatLine(lines, section);
    if (format === -1) {
      const map = lines.findIndex((line, index) => index > section.begin && line.startsWith(`a=rtpmap:${section.opus} `));
      lines.splice(map + 1, 0, `a=fmtp:${section.opus} stereo=1`);
    } else if (!hasStereo(lines[format])) {
      lines[format] = `${lines[format]};stereo=1`;
    }
  }
  return lines.join("\r\n");
}

/** Whether an answer turns down the section that carries data channels (RFC 3264, section 6: its port is 0). */
export function refusesData(answer: string): boolean {
  return /^m=application 0 /m.test(answer);
}
