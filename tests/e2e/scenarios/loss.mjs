// Two per cent of all datagrams are lost in both directions: the picture keeps going because lost packets are asked for and sent
// again, on the way to the server (by the publisher) and from it (out of the server's cache). After some seconds of it the server
// also sends forward error correction, which Chromium takes.

import assert from 'node:assert/strict';
import { nothingStoodStill, watchFlows } from '../harness/flows.mjs';
import { address, mediaPort, startParley } from '../harness/parley.mjs';
import { lossyLink } from '../harness/paths.mjs';
import { allSeeAndHearEachOther, join } from '../harness/person.mjs';
import { until } from '../harness/wait.mjs';

export const seconds = 120;

const link = '10.77.0.2:41000';

/** Longer than that is a picture that stands. A lost key frame costs a round trip and at most 300 ms until the next one. */
const longestFreeze = 1500;

export const tests = {
  'with 2 % loss both ways the picture keeps going, and lost packets are repaired by retransmission': async (stage) => {
    const lossy = await lossyLink(stage, link, `${address}:${mediaPort}`, { loss: 0.02, delay: '20ms', seed: 7 });
    const parley = await startParley(stage, { workers: 1, transport: 'udp', advertise: link });
    // More packets make losses come sooner; one layer, so that every lost packet matters.
    const query = { resolution: 360, simulcast: 0 };
    const anna = await join(stage, parley, 'anna', { query });
    const ben = await join(stage, parley, 'ben', { query });
    await allSeeAndHearEachOther([anna, ben]);
    await watchFlows([anna, ben]);

    const repair = await until('ten lost packets were sent again, in each direction', 60, async () => {
      const receiver = await videoOf(ben, 'inbound');
      const sender = await videoOf(anna, 'outbound');
      return { done: receiver.retransmittedPacketsReceived >= 10 && sender.retransmittedPacketsSent >= 10, receiver, sender };
    });
    assert.ok(repair.receiver.nackCount > 0, 'the receiving browser asked');
    assert.ok(repair.sender.nackCount > 0, 'the server asked the sending browser');
    const corrected = await until('the server has begun to send repair packets on top, and the browser takes them', 60, async () => {
      const { fecPacketsReceived } = await videoOf(ben, 'inbound');
      return { done: fecPacketsReceived >= 10, fecPacketsReceived };
    });

    await nothingStoodStill(stage, [anna, ben], longestFreeze);
    stage.say(`forward error correction: ben has received ${corrected.fecPacketsReceived} repair packets`);
    const metrics = await parley.metrics('parley_');
    const counts = await lossy.counts();
    stage.say(`link: ${JSON.stringify(counts)}`);
    stage.say(`asked by ben ${repair.receiver.nackCount}, came again ${repair.receiver.retransmittedPacketsReceived}; ` +
      `asked of anna ${repair.sender.nackCount}, sent again ${repair.sender.retransmittedPacketsSent}`);
    assert.ok(counts.up.lost > 10 && counts.down.lost > 10, 'the link did lose datagrams');
    serverCounted(stage, metrics);
  },
};

async function videoOf(person, direction) {
  const entries = await person.page.evaluate((direction) => probe[direction](), direction);
  return entries.find((entry) => entry.kind === 'video');
}

function serverCounted(stage, metrics) {
  const repairs = Object.entries(metrics).filter(([name]) => /nack|retransmi|rtx|fec/i.test(name));
  stage.say(`server: ${repairs.map(([name, value]) => `${name} ${value}`).join(', ')}`);
  assert.ok(repairs.some(([name, value]) => /nack/i.test(name) && value > 0), 'the server counted NACKs');
  assert.ok(repairs.some(([name, value]) => /retransmi|rtx/i.test(name) && value > 0), 'the server counted retransmissions');
  assert.ok(repairs.some(([name, value]) => /fec_sent/.test(name) && value > 0), 'the server counted repair packets');
}
