// People whose media has to go through the bundled relay: over UDP, TCP and TLS, in both browsers.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { chromium } from '../harness/browsers.mjs';
import { closePorts, networkBehindNat, networkBeside } from '../harness/networks.mjs';
import { address, mediaPort, startParley } from '../harness/parley.mjs';
import { allSeeAndHearEachOther, join } from '../harness/person.mjs';

export const seconds = 150;

async function viaRelay(person, protocol) {
  const paths = await person.page.evaluate(() => probe.paths());
  assert.equal(paths.length, 2, 'one connection to publish, one to subscribe');
  for (const path of paths) {
    assert.equal(path.kind, 'relay', `${person.identity}: ${JSON.stringify(path)}`);
    assert.match(path.relayProtocol, protocol, `${person.identity}: ${JSON.stringify(path)}`);
  }
}

/** A call of two, in Chromium and Firefox, who may use nothing but the relay, and of it only this way in. */
async function relayedCall(stage, protocol, parleyOptions = {}, joinOptions = {}) {
  const parley = await startParley(stage, parleyOptions);
  const anna = await join(stage, parley, 'anna', { ...joinOptions, query: { relay: 1 } });
  const ben = await join(stage, parley, 'ben', { ...joinOptions, browser: 'firefox', query: { relay: 1 } });
  await allSeeAndHearEachOther([anna, ben]);
  await viaRelay(anna, protocol);
  await viaRelay(ben, protocol);
  return parley;
}

/** Somebody else has the relay's TCP port, so that no browser can prefer it, as they do when it answers first. */
async function withoutTcp(stage) {
  const other = createServer();
  await new Promise((resolve) => other.listen(3478, '0.0.0.0', resolve));
  stage.defer('the other program', async () => other.close());
  await relayedCall(stage, /^udp$/);
}

/** Somebody else has the relay's UDP port: the server says so, and what is left of the relay is TCP. */
async function withoutUdp(stage) {
  const other = createSocket('udp4');
  await new Promise((resolve) => other.bind(3478, resolve));
  stage.defer('the other program', async () => other.close());
  const parley = await relayedCall(stage, /^tcp$/);
  assert.match(parley.program.printed(), /UDP port 3478 is already in use\. Stop the other program, or choose another port with --turn-listen\./);
}

/** The bridge's address, in the hosts file of the namespace. */
const host = 'parley.test';

/** An authority of the test's own, and a certificate of it for the server. */
function makeCertificate(stage) {
  const openssl = (...args) => execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', ...args], { stdio: 'ignore' });
  const files = { authority: stage.file('authority.pem'), cert: stage.file('chain.pem'), key: stage.file('key.pem') };
  const authorityKey = stage.file('authority.key');
  openssl('-subj', '/CN=test authority', '-keyout', authorityKey, '-out', files.authority);
  openssl(
    '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-addext', 'basicConstraints=critical,CA:FALSE',
    '-CA', files.authority, '-CAkey', authorityKey, '-keyout', files.key, '-out', files.cert,
  );
  return files;
}

async function overTls(stage) {
  const { authority, cert, key } = makeCertificate(stage);
  const parleyOptions = { https: '0.0.0.0:8443', args: ['--cert', cert, '--key', key, '--turn-listen', 'off'] };
  await relayedCall(stage, /^tls$/, parleyOptions, { origin: `https://${host}:8443`, launch: { acceptInsecureCerts: true, authority } });
}

/** Two people in networks of which only the relay and the page can be reached, one of them behind a symmetric NAT. */
async function strictNetworks(stage) {
  const parley = await startParley(stage, { https: `${address}:8443` });
  const networks = { anna: await networkBeside(stage, 'a', 1), ben: await networkBehindNat(stage, 'b', 2) };
  closePorts(stage, `${mediaPort}-${mediaPort + 10}`);
  const people = [];
  for (const [identity, network] of Object.entries(networks)) {
    const launch = { acceptInsecureCerts: true, executable: network.wrapper(chromium) };
    people.push(await join(stage, parley, identity, { origin: `https://${address}:8443`, launch }));
  }
  await allSeeAndHearEachOther(people);
  // Whichever way into the relay answered first.
  for (const person of people) await viaRelay(person, /^(udp|tcp)$/);
}

export const tests = {
  'Chromium and Firefox meet through the relay over UDP': withoutTcp,
  'they meet through the relay over TCP where its UDP port is not to be had': withoutUdp,
  'two people meet whose networks let them reach nothing but the relay, one of them behind a symmetric NAT': strictNetworks,
  'they meet through the relay over TLS': overTls,
};
