// The same as four_in_a_room where no UDP passes: the server's UDP port is closed, everything goes over one TCP port.

import { fourInARoom } from '../harness/four.mjs';

export const seconds = 150;

export const tests = {
  'four people meet over TCP only': (stage) => fourInARoom(stage, { transport: 'tcp', protocol: 'tcp' }),
};
