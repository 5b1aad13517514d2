// How the two browsers are started: fake devices, no prompts, nothing slowed down in the background.

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { patience } from './wait.mjs';

const timeout = 30_000 * patience;

export const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';

/**
 * A Chromium for many pages; each page gets a context of its own, thus a window of its own, and none is in the background.
 * `executable`: a wrapper that starts it elsewhere, such as in another network. `permission: 'deny'` refuses camera and microphone as a user would; `devices: 'none'` is a machine without any.
 */
export function launchChromium({ permission = 'allow', devices = 'fake', acceptInsecureCerts = false, executable } = {}) {
  // Ten pictures a second are enough to see them grow, and cheap enough for four people on two cores.
  const fakeDevices = devices === 'fake' ? ['--use-fake-device-for-media-stream=fps=10'] : [];
  return puppeteer.launch({
    executablePath: executable ?? chromium,
    pipe: executable !== undefined,
    headless: true,
    timeout,
    ignoreDefaultArgs: ['--mute-audio'],
    acceptInsecureCerts,
    defaultViewport: { width: 800, height: 600 },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      ...fakeDevices,
      `--use-fake-ui-for-media-stream${permission === 'deny' ? '=deny' : ''}`,
      '--autoplay-policy=no-user-gesture-required',
      '--disable-background-timer-throttling',
      '--disable-renderer-backgrounding',
      '--disable-backgrounding-occluded-windows',
      // Also for TURN over TLS, which the driver's own way to accept certificates does not reach.
      ...(acceptInsecureCerts ? ['--ignore-certificate-errors'] : []),
    ],
  });
}

/** Where a Firefox of this test may leave what it wants to, instead of in the user's home. */
export const homeOf = (folder) => join(folder, 'firefox-home');

/** A profile that trusts what this authority has signed. (Firefox asks nobody about the certificate of TURN over TLS.) */
function profileThatTrusts(home, authority) {
  const profile = join(home, 'profile');
  mkdirSync(profile, { recursive: true });
  execFileSync('certutil', ['-N', '-d', `sql:${profile}`, '--empty-password']);
  execFileSync('certutil', ['-A', '-d', `sql:${profile}`, '-n', 'test', '-t', 'C,,', '-i', authority]);
  return profile;
}

/** A Firefox, driven over WebDriver BiDi. `authority`: a PEM file of whoever's certificates it is to trust. */
export function launchFirefox({ folder, acceptInsecureCerts = false, authority }) {
  const home = homeOf(folder);
  mkdirSync(home, { recursive: true });
  return puppeteer.launch({
    ...(authority && { userDataDir: profileThatTrusts(home, authority) }),
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    timeout,
    acceptInsecureCerts,
    defaultViewport: { width: 800, height: 600 },
    env: { ...process.env, HOME: home, MOZ_DISABLE_CONTENT_SANDBOX: '1' },
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      // Nothing is fetched in the namespace; not trying saves time.
      'media.gmp-manager.updateEnabled': false,
      'media.gmp-provider.enabled': false,
    },
  });
}
