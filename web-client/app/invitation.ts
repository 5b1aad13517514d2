// An invitation is for everybody; a token is for one person in one room. The server makes one of the other.

import { ParleyError, serverError } from "../src/index.js";

interface Answer {
  token?: unknown;
  code?: unknown;
  message?: unknown;
  error?: { code?: unknown; message?: unknown };
}

/** A server that lives answers sooner. */
const patience = 10_000;
/** An invitation is made of these; nothing else can be sent as one. */
const characters = /^[\w.-]*$/;

const unreachable = "The server can't be reached. Check your network connection, then try again.";

/** Rejects with a ParleyError whose message can be shown. */
export async function exchangeInvite(invite: string, room: string, name: string): Promise<string> {
  if (!characters.test(invite)) throw serverError("token_malformed", undefined);
  let response: Response;
  try {
    response = await fetch("/api/token", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${invite}` },
      body: JSON.stringify({ room, name }),
      signal: AbortSignal.timeout(patience),
    });
  } catch (cause) {
    throw new ParleyError("server_unreachable", unreachable, { cause });
  }
  const answer = (await response.json().catch(() => ({}))) as Answer;
  if (response.ok && typeof answer.token === "string") return answer.token;
  const { code, message } = answer.error ?? answer;
  if (typeof code === "string") throw serverError(code, typeof message === "string" ? message : undefined);
  if (response.status === 401) throw serverError("token_malformed", undefined);
  throw new ParleyError("server_unreachable", `${unreachable} (It answered ${response.status}.)`);
}
