// A file that an earlier load of this page was sending: the receiver keeps what it has for a while, and the file can go on.

import { ParleyError } from "../errors.js";
import type { RemoteParticipant } from "../participant.js";
import type { SendFileOptions } from "./files.js";
import { forgetSending } from "./memory.js";
import type { SendingRecord } from "./memory.js";
import type { FileTransfer } from "./transfer.js";

type Send = (file: File, to: RemoteParticipant, options?: SendFileOptions) => FileTransfer;
/** Not in TypeScript's library yet. */
type Permitting = FileSystemFileHandle & { requestPermission?(options: { mode: "read" }): Promise<string> };

/** A file that this page was sending before it was loaded again. */
export class UnfinishedFile {
  readonly name: string;
  readonly size: number;

  /** @internal */
  constructor(
    private readonly record: SendingRecord,
    private readonly find: (identity: string) => RemoteParticipant | undefined,
    private readonly send: Send,
  ) {
    this.name = record.name;
    this.size = record.size;
  }

  /** Undefined: not in the room now. */
  get to(): RemoteParticipant | undefined {
    return this.find(this.record.identity);
  }

  /** Whether the user has to choose the file again. */
  get needsFile(): boolean {
    return this.record.handle === undefined;
  }

  /** Goes on. Without `file` call it from a click: the browser may ask whether the page may read the file once more. */
  async resume(file?: File): Promise<FileTransfer> {
    const { handle } = this.record;
    const chosen = file ?? (await readAgain(handle));
    if (!this.to) throw new ParleyError("file_receiver_left", "The receiver is not in the room now.");
    return this.send(chosen, this.to, handle && { handle });
  }

  async forget(): Promise<void> {
    await forgetSending(this.record.key);
  }
}

async function readAgain(handle: Permitting | undefined): Promise<File> {
  try {
    await handle?.requestPermission?.({ mode: "read" });
    if (handle) return await handle.getFile();
  } catch {
    // Not permitted, or no longer there.
  }
  throw new ParleyError("file_unreadable", "Choose the file again to go on with it.");
}
