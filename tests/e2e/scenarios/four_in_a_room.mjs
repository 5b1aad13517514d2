// Three Chromium pages and one Firefox page in one room: they see and hear each other, and notice what the others do.

import { fourInARoom } from '../harness/four.mjs';

export const seconds = 150;

export const tests = {
  'four people see and hear each other, and notice within two seconds who mutes, leaves and reloads': (stage) =>
    fourInARoom(stage, { transport: 'udp,tcp', protocol: 'udp' }),
};
