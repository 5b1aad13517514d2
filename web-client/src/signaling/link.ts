// The way to the server, as everything below Session sees it.

import type { Reply, Request, Statement } from "./protocol.js";

export interface Link {
  /** Rejects with a ParleyError: the server's, or "connection_lost", or "connection_timeout". */
  request<Type extends Reply["type"]>(message: Request, expected: Type): Promise<Extract<Reply, { type: Type }>>;
  send(message: Statement): void;
}
