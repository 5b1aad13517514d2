// What has been written in the room, as far as it is known here: what the server tells of the time before we came, and what has
// come since.

import type { Participant } from "./participant.js";
import type { Chat, EarlierChat } from "./signaling/protocol.js";

/** A text that somebody has written in the room. */
export interface ChatMessage {
  /** Undefined when they have left. */
  participant: Participant | undefined;
  /** Who wrote it, as they were called then. */
  name: string;
  text: string;
  time: Date;
  /** Sent to some only. */
  private: boolean;
}

/** A call of a day must not fill the memory. */
const mostMessages = 1_000;

export class ChatLog {
  private readonly all: ChatMessage[] = [];

  get messages(): readonly ChatMessage[] {
    return this.all;
  }

  take({ text, time, private: restricted }: Chat, participant: Participant | undefined): ChatMessage {
    return this.add({ participant, name: participant?.name ?? "", text, time: new Date(time), private: restricted ?? false });
  }

  /** The server's history, at a join; returns what was not known here. After a second join that is what came meanwhile. */
  catchUp(history: readonly EarlierChat[] = [], room: { find(id: string): Participant | undefined }): ChatMessage[] {
    const known = this.all.at(-1)?.time.getTime() ?? -Infinity;
    return history
      .filter(({ time }) => time > known)
      .map(({ participant: id, name, text, time }) => {
        const participant = id === null ? undefined : room.find(id);
        return this.add({ participant, name, text, time: new Date(time), private: false });
      });
  }

  clear(): void {
    this.all.length = 0;
  }

  private add(message: ChatMessage): ChatMessage {
    this.all.push(message);
    if (this.all.length > mostMessages) this.all.shift();
    return message;
  }
}
