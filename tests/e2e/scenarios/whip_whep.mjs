// WHIP publishes and WHEP plays, from pages that use nothing of ours but HTTP: fetch and RTCPeerConnection at an origin other than
// the server's, so the browser's own CORS rules judge the server's headers too.

import assert from 'node:assert/strict';
import { startParley } from '../harness/parley.mjs';
import { plainSite } from '../harness/plain_site.mjs';
import { until } from '../harness/wait.mjs';

/** In the page: what both protocols share. A page may hold several sessions, kept under a name. */
function installClient() {
  const sessions = new Map();
  const sdp = 'application/sdp';

  async function open(name, url, token, connection) {
    await connection.setLocalDescription();
    await probe.momentOf(() => connection.iceGatheringState === 'complete', 10);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': sdp, ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: connection.localDescription.sdp,
    });
    const text = await response.text();
    if (response.status === 201) await connection.setRemoteDescription({ type: 'answer', sdp: text });
    const { headers } = response;
    const session = { connection, url: headers.has('location') ? new URL(headers.get('location'), url).href : '', etag: headers.get('etag'), token };
    sessions.set(name, session);
    return { status: response.status, type: headers.get('content-type'), location: headers.get('location'), etag: session.etag, text };
  }

  /** Publishes camera and microphone. */
  async function publish(name, url, token) {
    const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 180 } });
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    for (const track of media.getTracks()) connection.addTransceiver(track, { direction: 'sendonly', streams: [media] });
    return open(name, url, token, connection);
  }

  /** Plays whatever comes, in so many sections. */
  async function play(name, url, token, { audio, video }) {
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    for (let i = 0; i < audio; i += 1) connection.addTransceiver('audio', { direction: 'recvonly' });
    for (let i = 0; i < video; i += 1) connection.addTransceiver('video', { direction: 'recvonly' });
    connection.ontrack = ({ track }) => {
      const element = document.body.appendChild(document.createElement(track.kind));
      element.autoplay = true;
      element.srcObject = new MediaStream([track]);
    };
    return open(name, url, token, connection);
  }

  /** ICE restart as RFC 9725 section 4.3.2 has it: new credentials of both sides travel in an SDP fragment. */
  async function restart(name, ifMatch) {
    const session = sessions.get(name);
    const { connection } = session;
    await connection.setLocalDescription(await connection.createOffer({ iceRestart: true }));
    await probe.momentOf(() => connection.iceGatheringState === 'complete', 10);
    const lines = connection.localDescription.sdp.split('\r\n');
    const section = lines.slice(lines.findIndex((line) => line.startsWith('m=')));
    const wanted = (line) => /^(m=|a=(mid|ice-ufrag|ice-pwd|candidate):)/.test(line);
    const second = section.findIndex((line, index) => index > 0 && line.startsWith('m='));
    const fragment = [lines.find((line) => line.startsWith('a=group:')), ...section.slice(0, second).filter(wanted), 'a=end-of-candidates', ''];
    const response = await fetch(session.url, {
      method: 'PATCH',
      headers: {
        'content-type': 'application/trickle-ice-sdpfrag',
        authorization: `Bearer ${session.token}`,
        ...(ifMatch === null ? {} : { 'if-match': ifMatch ?? session.etag }),
      },
      body: fragment.join('\r\n'),
    });
    const text = await response.text();
    if (response.status === 200) {
      const value = (key) => new RegExp(`^a=${key}:(.*)$`, 'm').exec(text)[1].trim();
      const candidates = text.split('\r\n').filter((line) => /^a=(candidate|end-of)/.test(line)).join('\r\n');
      const answer = connection.remoteDescription.sdp
        .replace(/^a=(candidate|end-of-candidates).*\r\n/gm, '')
        .replace(/^a=ice-ufrag:.*$/gm, `a=ice-ufrag:${value('ice-ufrag')}`)
        .replace(/^a=ice-pwd:.*$/gm, `a=ice-pwd:${value('ice-pwd')}`)
        .replace(/(a=mid:0\r\n)/, `$1${candidates}\r\n`);
      await connection.setRemoteDescription({ type: 'answer', sdp: answer });
    } else {
      await connection.setLocalDescription({ type: 'rollback' });
    }
    return { status: response.status, etag: response.headers.get('etag'), text };
  }

  async function close(name) {
    const { url, token, connection } = sessions.get(name);
    const response = await fetch(url, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
    connection.close();
    return response.status;
  }

  window.client = { sessions, publish, play, restart, close };
}

async function pageWithClient(stage, site, kind, name) {
  const page = await stage.page(kind, name);
  await page.evaluateOnNewDocument(installClient);
  await page.goto(site);
  return page;
}

/** How many video sections have decoded something new since `before`, a map from mid to frames. */
async function growing(page, kind, before) {
  const inbound = (await page.evaluate(() => probe.inbound())).filter((entry) => entry.kind === kind);
  const value = (entry) => (kind === 'video' ? entry.framesDecoded : entry.audioEnergy);
  return inbound.filter((entry) => value(entry) > (before[entry.mid] ?? 0) + (kind === 'video' ? 5 : 0));
}

async function counts(page) {
  const inbound = await page.evaluate(() => probe.inbound());
  return Object.fromEntries(inbound.map((entry) => [entry.mid, entry.kind === 'video' ? entry.framesDecoded : entry.audioEnergy]));
}

async function playsSections(page, what, video, audio) {
  const before = await counts(page);
  return until(what, 30, async () => {
    const seen = await growing(page, 'video', before);
    const heard = await growing(page, 'audio', before);
    return { done: seen.length >= video && heard.length >= audio, seen, heard };
  });
}

export const tests = {
  'a WHEP page that came first plays each WHIP publisher as it comes, without renegotiation': async (stage) => {
    const parley = await startParley(stage);
    const site = await plainSite(stage);
    const viewer = await pageWithClient(stage, site, 'chromium', 'viewer');
    const anna = await pageWithClient(stage, site, 'chromium', 'anna');
    const ben = await pageWithClient(stage, site, 'chromium', 'ben');

    const watching = await parley.token('stage', 'viewer');
    const opened = await viewer.evaluate((url, token) => client.play('main', url, token, { audio: 2, video: 2 }), `${parley.origin}/whep/stage`, watching);
    assert.equal(opened.status, 201, opened.text);
    assert.match(opened.type, /^application\/sdp/);
    assert.ok(opened.location && opened.etag, 'Location and ETag are there, and exposed to another origin');

    const publishing = await parley.token('stage', 'anna');
    const published = await anna.evaluate((url, token) => client.publish('main', url, token), `${parley.origin}/whip/stage`, publishing);
    assert.equal(published.status, 201, published.text);
    assert.ok(published.location && published.etag);
    await playsSections(viewer, 'the viewer sees and hears the first publisher', 1, 1);

    const second = await parley.token('stage', 'ben');
    const also = await ben.evaluate((url, token) => client.publish('main', url, token), `${parley.origin}/whip/stage`, second);
    assert.equal(also.status, 201, also.text);
    await playsSections(viewer, 'the viewer sees and hears both publishers', 2, 2);

    assert.equal(await anna.evaluate(() => client.close('main')), 200);
    await until('the picture of the publisher who left stands still', 15, async () => {
      const before = await counts(viewer);
      await viewer.evaluate(() => probe.momentOf(() => false, 1.5));
      const seen = await growing(viewer, 'video', before);
      return { done: seen.length === 1, seen };
    });
  },

  'a viewer who asks for one participant gets that one only, and a Firefox page can be the viewer': async (stage) => {
    const parley = await startParley(stage);
    const site = await plainSite(stage);
    const anna = await pageWithClient(stage, site, 'chromium', 'anna');
    const ben = await pageWithClient(stage, site, 'chromium', 'ben');
    for (const [page, identity] of [[anna, 'anna'], [ben, 'ben']]) {
      const token = await parley.token('stage', identity);
      const { status, text } = await page.evaluate((url, token) => client.publish('main', url, token), `${parley.origin}/whip/stage`, token);
      assert.equal(status, 201, text);
    }
    const viewer = await pageWithClient(stage, site, 'firefox', 'viewer');
    const token = await parley.token('stage', 'viewer');
    const opened = await viewer.evaluate(
      (url, token) => client.play('main', url, token, { audio: 2, video: 2 }), `${parley.origin}/whep/stage?participant=ben`, token);
    assert.equal(opened.status, 201, opened.text);
    const seen = await playsSections(viewer, 'the viewer sees and hears one publisher', 1, 1);
    assert.equal(seen.seen.length, 1);
  },

  'an ICE restart by PATCH keeps the media going, and DELETE ends the session': async (stage) => {
    const parley = await startParley(stage);
    const site = await plainSite(stage);
    const anna = await pageWithClient(stage, site, 'chromium', 'anna');
    const viewer = await pageWithClient(stage, site, 'chromium', 'viewer');
    const published = await anna.evaluate(
      (url, token) => client.publish('main', url, token), `${parley.origin}/whip/stage`, await parley.token('stage', 'anna'));
    assert.equal(published.status, 201, published.text);
    await viewer.evaluate(
      (url, token) => client.play('main', url, token, { audio: 1, video: 1 }), `${parley.origin}/whep/stage`, await parley.token('stage', 'viewer'));
    await playsSections(viewer, 'the viewer sees and hears the publisher', 1, 1);

    assert.equal((await anna.evaluate(() => client.restart('main', null))).status, 428, 'without If-Match');
    assert.equal((await anna.evaluate(() => client.restart('main', '"an old one"'))).status, 412, 'a stale If-Match');
    const [before] = await anna.evaluate(() => probe.paths());
    const restarted = await anna.evaluate(() => client.restart('main', '*'));
    assert.equal(restarted.status, 200, restarted.text);
    assert.notEqual(restarted.etag, published.etag, 'a restarted session has a new ETag');
    const after = await until('the new path carries the media', 15, async () => {
      const [path] = await anna.evaluate(() => probe.paths());
      return { done: path.state === 'connected' && path.local !== before.local && path.local !== '', path };
    });
    stage.say(`the path moved from ${before.local} to ${after.path.local}`);
    await playsSections(viewer, 'the viewer still sees and hears the publisher', 1, 1);

    assert.equal(await anna.evaluate(() => client.close('main')), 200);
    assert.equal(await anna.evaluate(() => client.close('main')), 404, 'the session is gone');
  },

  'nobody gets in without a token that permits it': async (stage) => {
    const parley = await startParley(stage, { workers: 1 });
    const site = await plainSite(stage);
    const page = await pageWithClient(stage, site, 'chromium', 'stranger');
    const publish = async (token) =>
      (await page.evaluate((url, token) => client.publish('main', url, token), `${parley.origin}/whip/stage`, token)).status;
    const play = async (token) =>
      (await page.evaluate((url, token) => client.play('main', url, token, { audio: 1, video: 1 }), `${parley.origin}/whep/stage`, token)).status;
    const good = await parley.token('stage', 'stranger');
    const forged = good.slice(0, -6) + (good.endsWith('AAAAAA') ? 'BBBBBB' : 'AAAAAA');
    assert.equal(await publish(forged), 401);
    assert.equal(await play(forged), 401);
    assert.equal(await publish(''), 401);
    assert.equal(await publish(await parley.token('another-room', 'stranger')), 403);
    assert.equal(await publish(await parley.token('stage', 'stranger', '--no-publish')), 403);
    assert.equal(await play(await parley.token('stage', 'stranger', '--no-subscribe')), 403);
  },
};
