// The parts of Room that live as long as one stay in it.

import type { DirectCall } from "./direct/call.js";
import type { Exchange } from "./exchange.js";
import type { Publisher } from "./media/publisher.js";
import type { Subscriber } from "./media/subscriber.js";
import type { Roster } from "./roster.js";
import type { Notification } from "./signaling/protocol.js";
import type { Session } from "./signaling/session.js";

export type Handlers = { [Type in Notification["type"]]: (message: Extract<Notification, { type: Type }>) => void };

/** Everything that lives as long as one stay in the room. */
export interface Stay {
  session: Session;
  publisher: Publisher;
  subscriber: Subscriber;
  roster: Roster;
  exchange: Exchange;
  direct: DirectCall;
  handlers: Handlers;
}
