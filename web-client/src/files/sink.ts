// Where a received file goes: to disk as it comes, wherever the browser can do that. In this order: the stream or handle that
// the page gives; a place that the user picks (File System Access, after a click); the browser's own private disk space
// (OPFS); memory, with a limit.

import type { Bytes } from "../data/message.js";
import { ParleyError } from "../errors.js";
import { randomName } from "./message.js";
import type { FileFacts } from "./transfer.js";

/** What a page may keep in memory of one file, where it can't write to disk. */
export const memoryLimit = 512 << 20;

/** "download": without asking the user; the file is the result of `done`. */
export type FileTarget = "download" | WritableStream<Bytes> | FileSystemFileHandle;

export interface Sink {
  write(bytes: Bytes): Promise<void>;
  /** The whole file is there. The result is undefined when it lies where the page or the user wanted it. */
  close(): Promise<File | undefined>;
  /** What has been written is not wanted. */
  abort(): Promise<void>;
}

type Picker = (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;

const folderName = "parley-files";
const day = 86_400_000;

/** Rejects with a ParleyError: no room, or the user thought better of it. */
export async function openSink(facts: FileFacts, to?: FileTarget): Promise<Sink> {
  try {
    if (to instanceof Object) return "createWritable" in to ? await handleSink(to) : streamSink(to);
    const picker = (globalThis as { showSaveFilePicker?: Picker }).showSaveFilePicker;
    if (to === undefined && picker && navigator.userActivation?.isActive)
      return await handleSink(await picker.call(globalThis, { suggestedName: facts.name }));
  } catch (error) {
    const cancelled = error instanceof Error && error.name === "AbortError";
    const sentence = cancelled
      ? "No place was chosen for the file."
      : "The file can't be written there. Choose another place.";
    throw new ParleyError("file_not_saved", sentence, { cause: error });
  }
  return (await privateSink(facts)) ?? memorySink(facts);
}

function streamSink(stream: WritableStream<Bytes>): Sink {
  const writer = stream.getWriter();
  return {
    write: (bytes) => writer.write(bytes),
    close: async () => {
      await writer.close();
      return undefined;
    },
    abort: () => writer.abort(),
  };
}

async function handleSink(handle: FileSystemFileHandle): Promise<Sink> {
  return streamSink(await handle.createWritable());
}

/** Undefined where there is no such thing: some private windows, Safari. */
async function privateSink(facts: FileFacts): Promise<Sink | undefined> {
  try {
    const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
    if (facts.size > quota - usage) return undefined;
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(folderName, { create: true });
    await removeOld(folder);
    // A name that no other page knows: nobody's file takes the place of another one.
    const name = randomName(8);
    const handle = await folder.getFileHandle(name, { create: true });
    const sink = await handleSink(handle);
    const close = async (): Promise<File> => {
      await sink.close();
      return new File([await handle.getFile()], facts.name, { type: facts.type });
    };
    const abort = async (): Promise<void> => {
      await sink.abort();
      await folder.removeEntry(name);
    };
    return { write: (bytes) => sink.write(bytes), close, abort };
  } catch {
    return undefined;
  }
}

/** A file must stay for as long as the page may want to save it, and nobody says when that is over. */
async function removeOld(folder: FileSystemDirectoryHandle): Promise<void> {
  const entries = (folder as unknown as { values(): AsyncIterable<FileSystemHandle> }).values();
  for await (const entry of entries) {
    const { lastModified } = await (entry as FileSystemFileHandle).getFile();
    // One that is being written just now can't be removed.
    if (Date.now() - lastModified > day) await folder.removeEntry(entry.name).catch(() => undefined);
  }
}

function memorySink({ name, size, type }: FileFacts): Sink {
  if (size > memoryLimit)
    throw new ParleyError(
      "file_too_large",
      `This browser has no room for a file of ${Math.ceil(size / 2 ** 20)} MiB. ` +
        "Free some disk space, or receive it with Chrome or Edge in a normal window.",
    );
  // A Blob of Blobs: browsers move them out of memory when they grow.
  let blob = new Blob([]);
  return {
    write: (bytes) => {
      blob = new Blob([blob, bytes]);
      return Promise.resolve();
    },
    close: () => Promise.resolve(new File([blob], name, { type })),
    abort: () => {
      blob = new Blob([]);
      return Promise.resolve();
    },
  };
}
