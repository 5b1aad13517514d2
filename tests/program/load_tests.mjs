// parley-loadtest as an operator meets it: real servers, real sockets, files in and out, and an exit code to rely on.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const key = 'loadtest:0123456789abcdefghijklmnopqrstuvwxyz';

/** Writes the lines into a scenario file, and returns its path. */
function scenario(place, lines) {
  const path = join(place.folder, `scenario-${(place.scenarios = (place.scenarios ?? 0) + 1)}.yaml`);
  writeFileSync(path, ['name: A test', 'ramp: 500ms', 'settle: 500ms', 'duration: 2s', ...lines].join('\n'));
  return path;
}

const sound = 'media: {audio: true}';
const picture = 'media: {video: {frames_per_second: 15, frame_bytes: 1600}, audio: true}';
const perfect = 'thresholds: {failed: 0, loss: 1%, damaged: 0, freezes: 3, join_p95: 3s, first_frame_p95: 4s, delay_p99: 1s}';

/** The tests; `run(command, args)` runs a program to its end. */
export const loadTests = (executable, run) => {
  const loadtest = (...args) => run(executable('parley-loadtest'), args);
  const result = (place) => JSON.parse(readFileSync(join(place.folder, 'result.json'), 'utf8'));
  const json = (place) => ['--json', join(place.folder, 'result.json')];

  return {
    'A meeting on a server of its own: everybody sees everybody, and the report says so in words, JSON and a page': async (place) => {
      const page = join(place.folder, 'report.html');
      const file = scenario(place, ['room: {shape: meeting, peers: 3}', picture, 'verify: all', perfect]);
      const { code, stdout, stderr } = await loadtest(file, ...json(place), '--html', page);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /3 planned, 3 connected, 0 failed/);
      assert.match(stdout, /held +join until connected/);
      const { received, subscriptions, measurement } = result(place);
      assert.equal(subscriptions, 3 * 2 * 2);
      assert.ok(received.frames > 200 && received.verified === received.packets, JSON.stringify(received));
      assert.ok(measurement.metrics.cpu_us_per_copy > 0 && measurement.metrics.memory_per_subscriber > 0);
      const html = readFileSync(page, 'utf8');
      assert.match(html, /<svg.*polyline/s);
      assert.doesNotMatch(html, /<script|src=|https?:/);
    },

    'A livestream on a server that runs already, with tokens made from its key': async (place) => {
      const server = await place.serve('--api-key', key);
      const file = scenario(place, ['room: {shape: livestream, viewers: 4}', picture, perfect]);
      const url = `ws://127.0.0.1:${place.http}/signal`;
      const { code, stdout } = await loadtest(file, '--url', url, '--api-key', key, '--watch', server.pid, ...json(place));
      assert.equal(code, 0, stdout);
      assert.equal(result(place).viewers, 4);
      assert.ok(result(place).measurement.server_cpu_seconds >= 0);
    },

    'The same over wss with a certificate of nobody, which has to be allowed': async (place) => {
      await place.serve('--api-key', key, '--https', `127.0.0.1:${place.https}`);
      const file = scenario(place, ['room: {shape: livestream, viewers: 2}', sound, 'thresholds: {failed: 0, loss: 1%}']);
      const args = [file, '--url', `wss://127.0.0.1:${place.https}/signal`, '--api-key', key];
      const refused = await loadtest(...args);
      assert.equal(refused.code, 1);
      assert.match(refused.stdout, /TLS handshake failed/);
      assert.equal((await loadtest(...args, '--insecure')).code, 0);
    },

    'A livestream by WHIP and WHEP': async (place) => {
      await place.serve('--api-key', key);
      const file = scenario(place, ['room: {shape: livestream, viewers: 3}', picture, perfect]);
      const base = `http://127.0.0.1:${place.http}`;
      const { code, stdout } = await loadtest(file, '--whip', `${base}/whip/{room}`, '--whep', `${base}/whep/{room}`, '--api-key', key, ...json(place));
      assert.equal(code, 0, stdout);
      assert.equal(result(place).subscriptions, 6);
      assert.match(await (await place.get('/metrics')).text(), /parley_participants\S* 0/, 'everybody has said goodbye');
    },

    'Real pictures and sound are decoded, frame for frame': async (place) => {
      const media = 'media: {video: {codec: vp8}, audio: {codec: opus}}';
      const file = scenario(place, ['room: {shape: livestream, viewers: 2}', media, 'verify: all', 'thresholds: {failed: 0, damaged: 0, loss: 1%}']);
      const { code, stdout } = await loadtest(file, ...json(place));
      assert.equal(code, 0, stdout);
      assert.ok(result(place).received.keyframes > 0);
    },

    'People come and go, over a lossy network': async (place) => {
      const network = 'network: {both: {delay: 20ms, jitter: 5ms, loss: 1%}}';
      const room = 'room: {shape: churn, rooms: 2, joins_per_second: 4, stay: 1s}';
      const { code, stdout } = await loadtest(scenario(place, [room, sound, network, 'thresholds: {failed: 0, damaged: 0}']), ...json(place));
      assert.equal(code, 0, stdout);
      assert.ok(result(place).peers.left >= 6, JSON.stringify(result(place).peers));
      assert.ok(result(place).measurement.delay_us.p50 >= 40_000, 'both links take 20 ms');
    },

    'A threshold that is missed is named, and the exit code is 1': async (place) => {
      const file = scenario(place, ['room: {shape: livestream, viewers: 2}', sound, 'thresholds: {failed: 0, first_frame_p95: 1us}']);
      const { code, stdout } = await loadtest(file);
      assert.equal(code, 1);
      assert.match(stdout, /MISSED +join until the first frame, 95th percentile: wanted at most 1 µs, measured/);
      assert.match(stdout, /held +peers that failed/);
    },

    'A server that lets nobody in: the reason is in the report': async (place) => {
      await place.serve();
      const file = scenario(place, ['room: {shape: livestream, viewers: 2}', sound, 'thresholds: {failed: 0}']);
      const { code, stdout } = await loadtest(file, '--url', `ws://127.0.0.1:${place.http}/signal`, '--api-key', key);
      assert.equal(code, 1);
      assert.match(stdout, /3: token_unknown_key/);
    },

    'What cannot be run is explained, and the exit code is 2': async (place) => {
      const wrong = await loadtest(scenario(place, ['room: {shape: meeting, peers: 3, rums: 2}', sound]));
      assert.equal(wrong.code, 2);
      assert.match(wrong.stderr, /line 5: There is no key "room\.rums" here/);
      assert.equal((await loadtest('no-such-file.yaml')).code, 2);
      assert.equal((await loadtest()).code, 2);
      const file = scenario(place, ['room: {shape: meeting, peers: 2}', sound]);
      assert.equal((await loadtest(file, '--url', 'ftp://127.0.0.1/')).code, 2);
      const half = await loadtest(scenario(place, ['room: {shape: livestream, viewers: 1}', sound]), '--whip', 'http://127.0.0.1:1/whip/{room}');
      assert.match(half.stderr, /has viewers: give --whep, too/);
      assert.match((await loadtest(file, '--watch', 99999999)).stderr, /there is no process 99999999/);
      assert.match((await loadtest(file, '--api-key', 'no-colon')).stderr, /--api-key: takes NAME:SECRET/);
      assert.match((await loadtest(file, '--duration', 0)).stderr, /not in range 1\.0* to 1000000/);
      assert.match((await loadtest(file, '--json', join(place.folder, 'no/such/folder'))).stderr, /such\/folder cannot be written/);
      const server = await loadtest(file, '--server-option=--http', '--server-option=off');
      assert.equal(server.code, 2);
      assert.match(server.stderr, /server does not start. It says:\n.*nobody could come in/);
      const nobody = await loadtest(file, '--url', 'ws://127.0.0.1:1/signal', '--token', 'x');
      assert.equal(nobody.code, 2, 'no threshold was missed, but nothing was measured');
      assert.match(nobody.stderr, /Nobody got in/);
      assert.equal((await loadtest('--help')).code, 0);
    },
  };
};
