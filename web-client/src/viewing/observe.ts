// How much of an element a person can see: where it is (IntersectionObserver), how large (ResizeObserver), and whether its page is
// in front at all. An element in picture-in-picture is seen even then.

import type { Seen } from "./quality.js";

/** The size that a ResizeObserver tells, in device pixels. */
function devicePixels(entry: ResizeObserverEntry): { width: number; height: number } {
  const [box] = entry.devicePixelContentBoxSize ?? [];
  if (box) return { width: box.inlineSize, height: box.blockSize };
  const { width, height } = entry.contentRect;
  return { width: Math.round(width * devicePixelRatio), height: Math.round(height * devicePixelRatio) };
}

/** Tells `callback` at once and at each change. Returns what ends it. */
export function observeElement(element: Element, callback: (seen: Seen) => void): () => void {
  let onScreen = false;
  let size = { width: 0, height: 0 };
  const tell = (): void => {
    const floating = document.pictureInPictureElement === element;
    callback({ visible: floating || (onScreen && document.visibilityState === "visible"), ...size });
  };
  const place = new IntersectionObserver((entries) => {
    onScreen = entries.at(-1)?.isIntersecting ?? false;
    tell();
  });
  const extent = new ResizeObserver((entries) => {
    const entry = entries.at(-1);
    if (entry) size = devicePixels(entry);
    tell();
  });
  place.observe(element);
  try {
    // Tells of a new devicePixelRatio (zoom, another screen) too. Safari does not know it.
    extent.observe(element, { box: "device-pixel-content-box" });
  } catch {
    extent.observe(element);
  }
  const floats = ["enterpictureinpicture", "leavepictureinpicture"];
  document.addEventListener("visibilitychange", tell);
  floats.forEach((event) => element.addEventListener(event, tell));
  return () => {
    place.disconnect();
    extent.disconnect();
    document.removeEventListener("visibilitychange", tell);
    floats.forEach((event) => element.removeEventListener(event, tell));
  };
}
