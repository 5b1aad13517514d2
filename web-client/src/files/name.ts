// What a file of somebody else's may be called here, and what type it may claim. The name ends up in a save dialog or a
// downloads folder, on any system; the type decides what a browser does with it.

/** Short enough for every file system with a numbering behind it. */
const longestName = 120;
const longestEnding = 16;

/** Names that Windows keeps for devices, whatever ending they have. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\.|$)/i;

/** Types that a browser shows or plays without running anything in them. */
const safeTypes = new Set(
  [
    ["image", "png jpeg gif webp avif bmp"],
    ["audio", "mpeg mp4 ogg wav webm flac aac"],
    ["video", "mp4 webm ogg quicktime"],
    ["text", "plain csv"],
    ["application", "pdf json zip gzip"],
  ].flatMap(([group, names]) => (names ?? "").split(" ").map((name) => `${group}/${name}`)),
);

/**
 * The last part of a path, without what deceives a reader or a system: control characters, marks that turn the direction of
 * writing or take no room, characters with a meaning in paths, dots and spaces at the ends, names of devices. Never empty.
 */
export function safeFileName(name: string): string {
  const last = name.slice(0, 4096).normalize("NFC").split(/[/\\]/).filter(Boolean).at(-1) ?? "";
  const plain = last
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, "")
    .replace(/[<>:"|?*]/g, "_")
    .replace(/^[\s.]+|[\s.]+$/g, "");
  const short = shorten(plain) || "file";
  return reserved.test(short) ? `_${short}` : short;
}

/** Cuts in the middle, so that the ending stays. */
function shorten(name: string): string {
  const characters = [...name];
  if (characters.length <= longestName) return name;
  const dot = characters.lastIndexOf(".");
  const ending = dot > 0 && characters.length - dot <= longestEnding ? characters.slice(dot) : [];
  return [...characters.slice(0, longestName - ending.length), ...ending].join("");
}

export function safeFileType(type: string): string {
  const plain = type.split(";")[0]?.trim().toLowerCase() ?? "";
  return safeTypes.has(plain) ? plain : "application/octet-stream";
}
