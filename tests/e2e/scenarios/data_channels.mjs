// Real browsers' data channels against the SFU's transport alone: a page with nothing but an RTCPeerConnection, and
// parley-data-echo at the other end.

import assert from 'node:assert/strict';
import { plainSite } from '../harness/plain_site.mjs';
import { Program } from '../harness/program.mjs';
import { executable } from '../harness/parley.mjs';
import { until } from '../harness/wait.mjs';

/** A page of this browser whose window.connection has been answered by an echo of its own. */
async function connected(stage, kind) {
  const echo = new Program(executable('parley-data-echo'), ['--host', '10.77.0.1', '--port', '40900'], stage.file('echo.log'));
  stage.defer('parley-data-echo', () => echo.stop());
  const page = await stage.page(kind, kind);
  await page.goto(await plainSite(stage));
  const offer = await page.evaluate(installClient);
  echo.tell(offer.replaceAll('\r\n', '|'));
  const answer = await until('an answer', 10, async () => /^v=0.*\|$/m.exec(echo.printed())?.[0]);
  await page.evaluate((sdp) => client.connect(sdp), answer.replaceAll('|', '\r\n'));
  return page;
}

/** Runs in the page. */
async function installClient() {
  const connection = new RTCPeerConnection();
  const received = new Map();
  const noteMessages = (channel) => {
    channel.binaryType = 'arraybuffer';
    received.set(channel, []);
    channel.addEventListener('message', ({ data }) => received.get(channel).push(data));
  };
  const happened = (target, event) => new Promise((resolve) => target.addEventListener(event, resolve, { once: true }));
  const first = connection.createDataChannel('first');
  noteMessages(first);
  const opened = happened(first, 'open');
  window.client = {
    connection,
    first,
    received,
    happened,
    async connect(sdp) {
      await connection.setRemoteDescription({ type: 'answer', sdp });
      await opened;
    },
    async open(label, options) {
      const channel = connection.createDataChannel(label, options);
      noteMessages(channel);
      await happened(channel, 'open');
      return channel;
    },
    /** The next messages on this channel, of all that it ever got. */
    async messages(channel, count) {
      while (received.get(channel).length < count) await happened(channel, 'message');
      return received.get(channel);
    },
    noteMessages,
  };
  await connection.setLocalDescription();
  return connection.localDescription.sdp;
}

const inBoth = (sentence, run) =>
  Object.fromEntries(['chromium', 'firefox'].map((kind) => [`${kind}: ${sentence}`, async (stage) => run(await connected(stage, kind), stage)]));

export const tests = {
  ...inBoth('text, bytes, empty messages and 256 KiB come back as they were', async (page) => {
    const facts = await page.evaluate(async () => {
      const { first } = client;
      const large = new Uint8Array(262144).map((_, i) => (i * 7) ^ (i >> 8));
      first.send('grüß');
      first.send('');
      first.send(new Uint8Array([1, 2, 3]));
      first.send(new Uint8Array(0));
      first.send(large);
      first.send('x'.repeat(262144));
      const [text, emptyText, bytes, empty, back, long] = await client.messages(first, 6);
      return {
        text,
        emptyText,
        bytes: [...new Uint8Array(bytes)],
        empty: empty.byteLength,
        large: back.byteLength === large.length && new Uint8Array(back).every((value, i) => value === large[i]),
        long: long.length,
        maximum: client.connection.sctp.maxMessageSize,
      };
    });
    assert.deepEqual(facts, { text: 'grüß', emptyText: '', bytes: [1, 2, 3], empty: 0, large: true, long: 262144, maximum: 262144 });
  }),

  ...inBoth('channels are opened and closed by either side, again and again', async (page) => {
    const ids = await page.evaluate(async () => {
      const seen = [];
      for (let round = 0; round < 40; ++round) {
        const channel = await client.open(`round ${round}`, round % 2 ? { ordered: false, maxRetransmits: 0 } : {});
        seen.push(channel.id);
        channel.send(`in round ${round}`);
        const [back] = await client.messages(channel, 1);
        if (back !== `in round ${round}`) throw new Error(back);
        const closed = client.happened(channel, 'close');
        if (round % 3) channel.close();
        else channel.send('close');
        await closed;
      }
      return seen;
    });
    assert.ok(ids.every((id) => id % 2 === 0), ids.join(' '));
    assert.ok(Math.max(...ids) < 40, `numbers are used again: ${ids.join(' ')}`);
  }),

  ...inBoth('the server opens channels too', async (page) => {
    const facts = await page.evaluate(async () => {
      const facts = [];
      for (const name of ['one', 'two']) {
        const arrived = client.happened(client.connection, 'datachannel');
        client.first.send(`open ${name}`);
        const { channel } = await arrived;
        client.noteMessages(channel);
        const [hello] = await client.messages(channel, 1);
        channel.send('back');
        await client.messages(channel, 2);
        facts.push({ label: channel.label, odd: channel.id % 2 === 1, ordered: channel.ordered, hello });
      }
      return facts;
    });
    assert.deepEqual(facts, [
      { label: 'one', odd: true, ordered: true, hello: 'hello' },
      { label: 'two', odd: true, ordered: true, hello: 'hello' },
    ]);
  }),

  ...inBoth('30 MB each way arrive whole, and how fast', async (page, stage) => {
    const rates = await page.evaluate(async () => {
      const size = 65536;
      const count = 480;
      const file = await client.open('file');
      const begun = performance.now();
      file.send(`send ${count} ${size}`);
      const got = await client.messages(file, count);
      const down = performance.now() - begun;
      if (got.some((piece) => piece.byteLength !== size)) throw new Error('a piece has another size');
      got.length = 0;
      const back = await client.open('back');
      const again = performance.now();
      file.bufferedAmountLowThreshold = 1 << 20;
      back.bufferedAmountLowThreshold = 1 << 20;
      for (let i = 0; i < count; ++i) {
        if (back.bufferedAmount > 2 << 20) await client.happened(back, 'bufferedamountlow');
        back.send(new Uint8Array(size));
      }
      await client.messages(back, count);
      const both = performance.now() - again;
      return { down: (count * size * 8) / down / 1000, echoed: (count * size * 8) / both / 1000 };
    });
    stage.say(`${rates.down.toFixed(0)} Mbit/s to the page, ${rates.echoed.toFixed(0)} Mbit/s there and back`);
  }),
};
