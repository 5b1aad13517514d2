// Gives memory back.

import type { Bytes } from "../data/message.js";

let nowhere: MessagePort | undefined;

/** The end of a channel whose other end is closed. */
function portToNowhere(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}

/**
 * The memory goes at once, with a message that nobody gets: Firefox collects such garbage so late that it would have most of a
 * large file in it. (In Chromium what ArrayBuffer.transfer gives up stays until the next collection, and is not counted.)
 */
export function release(bytes: Bytes): void {
  nowhere ??= portToNowhere();
  nowhere.postMessage(null, [bytes.buffer]);
}
