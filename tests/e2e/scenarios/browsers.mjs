// No Parley at all: the browsers of this machine talk to each other directly in the namespace. When this fails, look at the
// machine, not at Parley.

import { plainSite } from '../harness/plain_site.mjs';
import { until } from '../harness/wait.mjs';

/** In the page: makes a connection with camera and microphone, and an offer, or an answer to one. */
async function describe(offer) {
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 180 } });
  const connection = new RTCPeerConnection();
  for (const track of media.getTracks()) connection.addTrack(track, media);
  connection.ontrack = (event) => {
    if (event.track.kind !== 'video') {
      const audio = document.body.appendChild(document.createElement('audio'));
      audio.autoplay = true;
      audio.srcObject = new MediaStream([event.track]);
      return;
    }
    const video = document.body.appendChild(document.createElement('video'));
    video.autoplay = video.muted = true;
    video.srcObject = new MediaStream([event.track]);
  };
  if (offer) await connection.setRemoteDescription({ type: 'offer', sdp: offer });
  await connection.setLocalDescription();
  await probe.momentOf(() => connection.iceGatheringState === 'complete', 10);
  return connection.localDescription.sdp;
}

async function meet(caller, callee) {
  const offer = await caller.evaluate(describe, null);
  const answer = await callee.evaluate(describe, offer);
  await caller.evaluate((sdp) => probe.connections.at(-1).setRemoteDescription({ type: 'answer', sdp }), answer);
}

async function seesAndHears(name, page, people) {
  return until(`${name} sees and hears ${people}`, 30, async () => {
    const inbound = await page.evaluate(() => probe.inbound());
    const videos = inbound.filter((entry) => entry.kind === 'video' && entry.framesDecoded > 20);
    const audios = inbound.filter((entry) => entry.kind === 'audio' && entry.audioEnergy > 0);
    return { done: videos.length >= people && audios.length >= people, inbound };
  });
}

export const tests = {
  'two Chromium pages and a Firefox page see and hear each other without any server': async (stage) => {
    const site = await plainSite(stage);
    const pages = {
      anna: await stage.page('chromium', 'anna'),
      ben: await stage.page('chromium', 'ben'),
      carla: await stage.page('firefox', 'carla'),
    };
    for (const page of Object.values(pages)) await page.goto(site);
    await meet(pages.anna, pages.ben);
    await meet(pages.anna, pages.carla);
    await meet(pages.carla, pages.ben);
    for (const [name, page] of Object.entries(pages)) {
      const seen = await seesAndHears(name, page, 2);
      const paths = await page.evaluate(() => probe.paths());
      stage.say(`${name}: ${seen.inbound.map((entry) => `${entry.codec} ${entry.framesDecoded}`).join(', ')}; ` +
        paths.map((path) => `${path.protocol} to ${path.remote} ${path.tls} ${path.srtp}`).join(', '));
      if (await page.evaluate(() => document.visibilityState) !== 'visible') throw new Error(`${name} is in the background`);
    }
  },
};
