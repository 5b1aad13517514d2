// What a test puts between the browsers and the server, to break it: a TCP proxy that can be cut, a NAT that forgets, a lossy link.

import { createSocket } from 'node:dgram';
import { createConnection, createServer } from 'node:net';
import { executable } from './parley.mjs';
import { Program } from './program.mjs';
import { until } from './wait.mjs';

/** A TCP proxy in front of `target` (a port of 127.0.0.1), which can be cut and mended. */
export async function cuttableProxy(stage, target) {
  const sockets = new Set();
  let open = true;
  const server = createServer((near) => {
    if (!open) return near.destroy();
    const far = createConnection(target, '127.0.0.1');
    for (const [one, other] of [[near, far], [far, near]]) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    open = false;
    for (const socket of sockets) socket.destroy();
  };
  stage.defer('the proxy', async () => {
    cut();
    server.close();
  });
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    cut,
    mend() {
      open = true;
    },
  };
}

/**
 * A network address translator for UDP between the browsers and `target`. `forget()` gives every client a new outer address,
 * as a router does that was switched off and on, or a phone that leaves the Wi-Fi: what the server still sends to the old
 * one is lost.
 */
export async function translator(stage, listen, target) {
  const outer = new Map();
  const inner = createSocket('udp4');
  const outerFor = (client) => {
    const key = `${client.address}:${client.port}`;
    if (!outer.has(key)) {
      const socket = createSocket('udp4');
      socket.on('message', (bytes) => inner.send(bytes, client.port, client.address));
      outer.set(key, socket);
    }
    return outer.get(key);
  };
  inner.on('message', (bytes, client) => outerFor(client).send(bytes, target.port, target.address));
  await new Promise((resolve) => inner.bind(listen.port, listen.address, resolve));
  const forget = () => {
    for (const socket of outer.values()) socket.close();
    const forgotten = outer.size;
    outer.clear();
    return forgotten;
  };
  stage.defer('the translator', async () => {
    forget();
    inner.close();
  });
  return { forget };
}

/**
 * parley-link (link.cpp) between the browsers and the server, with its options as `conditions`. `change()` changes some of them
 * while it runs and returns when; `counts()` ends it and returns what it did to the datagrams.
 */
export async function lossyLink(stage, listen, target, conditions) {
  const optionsOf = (conditions) => Object.entries(conditions).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const args = ['--listen', listen, '--target', target, ...optionsOf(conditions)];
  const program = new Program(executable('parley-link'), args, stage.file('link.log'));
  stage.defer('parley-link', () => program.stop());
  await until('parley-link listens', 10, async () => {
    if (!program.running) throw new Error(`parley-link ended: ${program.printed()}`);
    return program.printed().includes('listening');
  });
  return {
    change(conditions) {
      program.tell(optionsOf(conditions).join(' '));
      return Date.now();
    },
    async counts() {
      await program.stop();
      return JSON.parse(program.printed().trim().split('\n').at(-1));
    },
  };
}
