// parley-turn as an operator meets it: the clients of Debian's coturn relay through it in every way that they know, it says what is
// wrong, and it ends without breaking off what it relays.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { until, withLimit } from '../e2e/harness/wait.mjs';
import { TinyWebSocket } from './web_socket.mjs';

const peerPort = 3480;

function makeCertificate(place, name = 'turn') {
  const files = { cert: join(place.folder, 'chain.pem'), key: join(place.folder, 'key.pem') };
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
    '-keyout', files.key, '-out', files.cert,
  ], { stdio: 'ignore' });
  return files;
}

function shownCertificate(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(new X509Certificate(socket.getPeerCertificate().raw).subject);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

const metric = (text, name) => Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\d+)`, 'm').exec(text)?.[1] ?? NaN);

/** The tests; `run(command, args)` runs a program to its end. */
export const turnTests = (executable, run) => {
  /** A relay for the user ada, once it is ready; `more` are its further arguments. */
  const relay = (place, ...more) => strictRelay(place, '--allow-peer', '127.0.0.0/8', '--allow-peer', '::1', ...more);

  /** The same, which relays to nobody who is not routable. */
  async function strictRelay(place, ...more) {
    const program = place.start(executable('parley-turn'), ['--user', 'ada:secret', '--allocations-per-user', 1000, ...more]);
    await until('it is ready', 10, async () => {
      if (!program.running) throw new Error(program.printed());
      return program.printed().includes('Ready:');
    });
    return program;
  }

  /** Another machine at the end of a wire, media0 here, which has 10.77.0.2 and fd77::2. We have 10.77.0.1 and fd77::1. */
  async function otherMachine(place) {
    const { pid } = place.start('unshare', ['--net', 'sleep', '300']);
    const inside = ['--target', pid, '--net'];
    const elsewhere = (command, args, held) =>
      held ? held.start('nsenter', [...inside, command, ...args]) : run('nsenter', [...inside, command, ...args]);
    const own = readlinkSync('/proc/self/ns/net');
    await until('it is there', 5, () => readlinkSync(`/proc/${pid}/ns/net`) !== own);
    const checksumsOnTheWire = (made) => elsewhere('ethtool', ['-K', 'media1', 'tx', made ? 'off' : 'on']);
    await run('ip', ['link', 'add', 'media0', 'type', 'veth', 'peer', 'name', 'media1', 'netns', pid]);
    for (const [ip, name, host] of [[(args) => run('ip', args), 'media0', 1], [(args) => elsewhere('ip', args), 'media1', 2]]) {
      await ip(['address', 'add', `10.77.0.${host}/16`, 'dev', name]);
      await ip(['address', 'add', `fd77::${host}/64`, 'dev', name, 'nodad']);
      await ip(['link', 'set', name, 'up']);
    }
    await elsewhere('ip', ['link', 'set', 'lo', 'up']);
    await checksumsOnTheWire(true);
    return { pid, elsewhere, checksumsOnTheWire };
  }

  /** Four clients of coturn's send 50 messages each to a peer that sends them back, or to each other; returns how many came. */
  async function exchanged(...args) {
    const there = typeof args.at(-1) === 'object' ? args.pop().elsewhere : run;
    const { stdout } = await there('turnutils_uclient', ['-u', 'ada', '-w', 'secret', '-r', peerPort, '-n', 50, '-l', 170, '-m', 4, ...args]);
    const [, sent, received] = /start_mclient: tot_send_msgs=(\d+), tot_recv_msgs=(\d+)\n/.exec(stdout) ?? [];
    return { sent: Number(sent), received: Number(received), stdout };
  }

  async function relayed(place, what, ...args) {
    const { sent, received, stdout } = await exchanged(...args);
    assert.deepEqual({ sent, received }, { sent: 200, received: 200 }, `${what}: ${stdout.slice(-600)}`);
  }

  return {
    "coturn's clients relay over UDP, TCP and TLS, by channels and indications, with IPv4 and IPv6, and lose nothing": async (place) => {
      const { cert, key } = makeCertificate(place);
      const ways = ['--listen', '0.0.0.0:3478', '--tls', '0.0.0.0:5349', '--cert', cert, '--key', key, '--metrics', `127.0.0.1:${place.http}`];
      await relay(place, ...ways, '--relay-address', '127.0.0.1', '--relay-address', '::1');
      place.start('turnutils_peer', ['-L', '127.0.0.1', '-p', peerPort]);
      place.start('turnutils_peer', ['-L', '::1', '-p', peerPort]);
      const v4 = ['-e', '127.0.0.1'];
      await Promise.all([
        relayed(place, 'UDP, channels', ...v4, '127.0.0.1'),
        relayed(place, 'UDP, indications', '-s', ...v4, '127.0.0.1'),
        relayed(place, 'UDP, without fragments', '-g', ...v4, '127.0.0.1'),
        relayed(place, 'TCP, channels', '-t', ...v4, '127.0.0.1'),
        relayed(place, 'TCP, indications', '-t', '-s', ...v4, '127.0.0.1'),
        relayed(place, 'TLS, channels', '-t', '-S', ...v4, '127.0.0.1'),
        relayed(place, 'TLS, indications', '-t', '-S', '-s', ...v4, '127.0.0.1'),
      ]);
      await Promise.all([
        relayed(place, 'from one client to another', '-y', '127.0.0.1'),
        relayed(place, 'an IPv6 relay for IPv4', '-x', '-e', '::1', '127.0.0.1'),
        relayed(place, 'IPv6', '-x', '-e', '::1', '::1'),
        relayed(place, 'IPv6 over TCP', '-x', '-t', '-e', '::1', '::1'),
      ]);
      const text = await (await place.get('/metrics')).text();
      assert.ok(metric(text, 'parley_turn_total{of="packets_to_peers"}') >= 2000, text);
      assert.equal(metric(text, 'parley_turn_refused_total{reason="wrong_credentials"}'), 0);
    },

    "coturn's clients connect to peers over TCP (RFC 6062), actively and passively, and lose nothing": async (place) => {
      await relay(place, '--listen', '0.0.0.0:3478', '--threads', 3, '--relay-address', '127.0.0.1');
      await relayed(place, 'active', '-T', '127.0.0.1');
      // In its passive mode this client counts one direction of two, with any server.
      const { sent, received, stdout } = await exchanged('-T', '-P', '127.0.0.1');
      assert.deepEqual({ sent, received }, { sent: 200, received: 100 }, stdout.slice(-600));
    },

    'Of its own addresses it reaches the ports of the relay, so that two can talk who have nothing else, and those that are allowed': async (place) => {
      const own = ['--listen', '0.0.0.0:3478', '--relay-address', '127.0.0.1'];
      place.start('turnutils_peer', ['-L', '127.0.0.1', '-p', peerPort]);
      const program = await strictRelay(place, ...own);
      await relayed(place, 'from one client to another', '-y', '127.0.0.1');
      assert.ok(!((await exchanged('-e', '127.0.0.1', '127.0.0.1')).received > 0), 'no other port is reached');
      await program.stop();
      await strictRelay(place, ...own, '--allow-own-ports', `${peerPort}-${peerPort + 1}`);
      await relayed(place, 'to an allowed port', '-e', '127.0.0.1', '127.0.0.1');
    },

    'The fast path: channels that come by an interface and leave by it are relayed inside of the kernel, and nothing is lost': async (place) => {
      if (!/^\s*0\s+0\s/.test(readFileSync('/proc/self/uid_map', 'utf8')) || readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)[2] < 2 ** 31)
        return console.log('  (left out: only root of the machine itself may give programs to the kernel)');
      const { pid, elsewhere, checksumsOnTheWire } = await otherMachine(place);
      const start = (...more) => strictRelay(place, '--listen', '10.77.0.1:3478', '--listen', '[fd77::1]:3478', '--relay-address', '10.77.0.1',
        '--relay-address', 'fd77::1', '--allow-peer', '10.77.0.0/16', '--allow-peer', 'fd77::/64', '--metrics', `127.0.0.1:${place.http}`, ...more);
      const metrics = async () => {
        const text = await (await place.get('/metrics')).text();
        const of = (name) => metric(text, `parley_turn_fast_path_total{of="${name}"}`);
        return { open: metric(text, 'parley_turn_fast_paths'), packets: of('packets'), leftToSockets: of('left_to_sockets'), notOpened: of('not_opened') };
      };
      const relayedElsewhere = async (what, ...args) => {
        const { sent, received, stdout } = await exchanged(...args, { elsewhere });
        assert.deepEqual({ sent, received }, { sent: 200, received: 200 }, `${what}: ${stdout.slice(-600)}`);
      };
      const v4 = ['-e', '10.77.0.2', '10.77.0.1'];
      const v6 = ['-x', '-e', 'fd77::2', 'fd77::1'];
      elsewhere('turnutils_peer', ['-L', '10.77.0.2', '-p', peerPort], place);
      elsewhere('turnutils_peer', ['-L', 'fd77::2', '-p', peerPort], place);
      const program = await start('--fast-path', 'media0');
      await Promise.all([relayedElsewhere('IPv4', ...v4), relayedElsewhere('IPv6', ...v6)]);
      await until('all 400 messages have gone past the sockets there and back', 5, async () => (await metrics()).packets >= 800);
      assert.equal((await metrics()).leftToSockets, 0);
      const { packets } = await metrics();
      // Everything else is relayed by the sockets: what comes cut, or does not fit into a frame with its channel header; indications
      // and streams; between two of its own clients, which goes over this machine's own address; and what has no checksum yet.
      await Promise.all([
        relayedElsewhere('large', '-l', 1470, ...v4),
        relayedElsewhere('over TCP', '-t', ...v4),
        relayedElsewhere('indications', '-s', ...v4),
        relayedElsewhere('from one client to another', '-y', '10.77.0.1'),
      ]);
      await until('those are noticed', 5, async () => (await metrics()).leftToSockets >= 200);
      const { leftToSockets, notOpened } = await metrics();
      assert.ok(notOpened >= 4);
      await checksumsOnTheWire(false);
      await Promise.all([relayedElsewhere('without a checksum', ...v4), relayedElsewhere('IPv6 without one', ...v6)]);
      await until('they have been left to the sockets', 5, async () => (await metrics()).leftToSockets >= leftToSockets + 800);
      assert.equal((await metrics()).packets, packets);
      await checksumsOnTheWire(true);
      const wrong = (await elsewhere('cat', ['/proc/net/snmp'])).stdout.match(/^Udp: \d.*$/m)[0].split(' ')[7];
      assert.equal(wrong, '0', 'datagrams with a wrong checksum');
      // It is gone with the relay, which need not have ended well.
      process.kill(program.pid, 'SIGKILL');
      await until('it has ended', 5, () => !program.running);
      const second = await start('--fast-path', 'media0', '--drain', 1);
      await relayedElsewhere('after a crash', ...v4);
      await until('those go past the sockets, too', 5, async () => (await metrics()).packets >= 400);
      await second.stop();
      // Peers behind another interface are reached by it, whatever is on the fast path.
      await run('ip', ['link', 'add', 'other0', 'type', 'veth', 'peer', 'name', 'other1', 'netns', pid]);
      await run('ip', ['address', 'add', '10.78.0.1/16', 'dev', 'other0']);
      await run('ip', ['link', 'set', 'other0', 'up']);
      await elsewhere('ip', ['address', 'add', '10.78.0.2/16', 'dev', 'other1']);
      await elsewhere('ip', ['link', 'set', 'other1', 'up']);
      await elsewhere('ethtool', ['-K', 'other1', 'tx', 'off']);
      const third = await strictRelay(place, '--listen', '10.77.0.1:3478', '--relay-address', '10.78.0.1', '--allow-peer', '10.78.0.2',
        '--fast-path', 'other0', '--drain', 1, '--metrics', `127.0.0.1:${place.http}`);
      elsewhere('turnutils_peer', ['-L', '10.78.0.2', '-p', peerPort], place);
      await relayedElsewhere('a client by one interface, a peer by the other', '-e', '10.78.0.2', '10.77.0.1');
      await until('that is noticed', 5, async () => (await metrics()).notOpened >= 4);
      assert.equal((await metrics()).packets, 0);
      await third.stop();
      assert.equal((await run('tc', ['filter', 'show', 'dev', 'media0', 'ingress'])).stdout, '');
      const refused = async (...args) => (await run('setpriv', [...args, executable('parley-turn'), '--user', 'ada:x', '--fast-path', 'media0'])).stderr;
      assert.match(await refused('--bounding-set', '-bpf,-sys_admin'), /--fast-path: the kernel does not take the program .*CAP_BPF.*Operation not permitted/);
      const said = async (name) => (await run(executable('parley-turn'), ['--user', 'ada:x', '--fast-path', name])).stderr;
      assert.match(await said('nowhere0'), /There is no network interface "nowhere0" for --fast-path/);
      assert.match(await said('lo'), /--fast-path is for Ethernet interfaces, and "lo" is none/);
    },

    "coturn's STUN client learns its address, over IPv4 and IPv6": async (place) => {
      await relay(place, '--listen', '0.0.0.0:3478', '--relay-address', '127.0.0.1');
      assert.match((await run('turnutils_stunclient', ['127.0.0.1'])).stdout, /reflexive addr: 127\.0\.0\.1:\d+/);
      assert.match((await run('turnutils_stunclient', ['::1'])).stdout, /reflexive addr: ::1:\d+/);
    },

    'The relay says what is wrong with its options, its file and its ports, and what to do': async (place) => {
      const said = async (...args) => {
        const { code, stderr } = await run(executable('parley-turn'), args);
        assert.notEqual(code, 0);
        return stderr;
      };
      assert.match(await said(), /Nobody could relay: give at least one --user NAME:PASSWORD or --secret SECRET/);
      assert.match(await said('--user', 'ada:x', '--listen', 'nowhere'), /--listen takes an address with a port, such as 0\.0\.0\.0:3478/);
      assert.match(await said('--user', 'ada:x', '--tls', '0.0.0.0:5349'), /--tls needs a certificate: give --cert and --key/);
      assert.match(await said('--user', 'ada:x', '--allow-peer', '10.0.0.0/99'), /--allow-peer takes a network/);
      assert.match(await said('--user', 'ada:x', '--relay-ports', '10-5'), /--relay-ports takes a range/);
      const file = join(place.folder, 'turn.yaml');
      writeFileSync(file, 'user: ["ada:x"]\nrealms: here\n');
      assert.match(await said('--config', file), /turn\.yaml: Line 2: There is no option "realms"/);
      writeFileSync(file, 'user: ada:x\nrealm: here\nuser: bob:y\n');
      assert.match(await said('--config', file), /Line 3: user is there twice/);
      writeFileSync(file, 'user: {ada: x}\n');
      assert.match(await said('--config', file), /Line 1: a value or a list of values was expected/);
      assert.match(await said('--config', place.folder), /cannot be read/);
      const here = ['--user', 'ada:x', '--listen', '127.0.0.1:3497'];
      assert.match(await said(...here, '--relay-address', '203.0.113.7/192.0.2.99'), /does not have the address 192\.0\.2\.99/);
      const metrics = ['--metrics', `127.0.0.1:${place.http}`];
      const first = await relay(place, ...here, '--relay-address', '127.0.0.1', ...metrics);
      const second = await said('--user', 'ada:x', '--listen', '127.0.0.1:3498', '--relay-address', '127.0.0.1', ...metrics);
      assert.match(second, /already in use.*--metrics\./);
      await first.stop();
      writeFileSync(file, 'user: ["ada:secret"]\nlisten: "127.0.0.1:3499"\nrelay-address: 127.0.0.1\nallow-peer: [127.0.0.0/8]\n');
      await relay(place, '--config', file, '--relay-address', '127.0.0.1');
      assert.match(await said('--config', file), /UDP port 127\.0\.0\.1:3499 is already in use.*--listen/);
    },

    'A relay that is to stop lets what it relays come to its end, and sends newcomers away': async (place) => {
      const program = await relay(place, '--listen', '127.0.0.1:3478', '--relay-address', '127.0.0.1', '--drain', 30);
      place.start('turnutils_peer', ['-L', '127.0.0.1', '-p', peerPort]);
      const going = relayed(place, 'while it drains', '-e', '127.0.0.1', '127.0.0.1');
      await until('somebody relays', 10, async () => program.printed().includes('relays for'));
      program.child.kill('SIGTERM');
      await until('it drains', 5, async () => program.printed().includes('Stopping:'));
      const { stdout } = await run('turnutils_uclient', ['-u', 'ada', '-w', 'secret', '-e', '127.0.0.1', '-n', 1, '127.0.0.1']);
      assert.match(stdout, /error (300|508) /, stdout);
      await going;
      assert.equal(await program.ended, 0);
    },

    'Who still relays when the time is over is broken off, and the log says how many': async (place) => {
      const program = await relay(place, '--listen', '127.0.0.1:3478', '--relay-address', '127.0.0.1', '--drain', 0, '--metrics', `127.0.0.1:${place.http}`);
      place.start('turnutils_uclient', ['-u', 'ada', '-w', 'secret', '-y', '-n', 5000, '-m', 1, '127.0.0.1']);
      await until('it is counted', 10, async () => metric(await (await place.get('/metrics')).text(), 'parley_turn_allocations') > 0);
      program.child.kill('SIGTERM');
      assert.equal(await withLimit(5, 'the end', program.ended), 0);
      assert.match(program.printed(), /Stopped: \d+ that still relayed were broken off/);
    },

    'A certificate that changes is used without a restart, and one that is broken is not': async (place) => {
      const { cert, key } = makeCertificate(place, 'first');
      const program = await relay(place, '--listen', '127.0.0.1:3478', '--tls', '127.0.0.1:5349', '--cert', cert, '--key', key, '--relay-address', '127.0.0.1');
      assert.match(await shownCertificate(5349), /CN=first/);
      makeCertificate(place, 'second');
      await until('the new one is shown', 10, async () => /CN=second/.test(await shownCertificate(5349)));
      writeFileSync(cert, readFileSync(cert, 'utf8').slice(0, 100));
      await until('it complains', 10, async () => program.printed().includes('the one before it is used on'));
      assert.match(await shownCertificate(5349), /CN=second/);
    },

    'parley serve starts the relay, and a client gets credentials that relay to its media ports and nowhere else': async (place) => {
      const port = place.http + 5;
      await place.serve('--turn-listen', `127.0.0.1:${port}`);
      const { stdout: token } = await run(executable('parley'), ['token', '--state', place.state, '--room', 'tea', '--identity', 'ada']);
      const socket = new TinyWebSocket(place.http);
      await socket.open;
      socket.send({ type: 'join', id: 1, token: token.trim() });
      const told = () => socket.messages.findLast((message) => message.iceServers?.length)?.iceServers;
      await until('the relay is there', 10, async () => told() !== undefined);
      assert.deepEqual(told().map((server) => server.urls[0]), [`turn:localhost:${port}?transport=udp`, `turn:localhost:${port}?transport=tcp`]);
      const { username, credential } = told()[0];
      assert.match(username, /^\d+:ada$/);
      const client = ['-u', username, '-w', credential, '-p', port, '-e', '127.0.0.1', '-n', 1, '-v'];
      const allowed = (await run('turnutils_uclient', [...client, '-r', place.media, '127.0.0.1'])).stdout;
      assert.match(allowed, /allocate response received.*success|success/s);
      assert.doesNotMatch(allowed, /error 403/);
      assert.match((await run('turnutils_uclient', [...client, '-r', peerPort, '127.0.0.1'])).stdout, /channel bind: error 403/);
      socket.socket.destroy();
      await until('the counters are in /metrics', 10, async () => metric(await (await place.get('/metrics')).text(), 'parley_turn_total{of="allocations"}') > 0);
    },
  };
};
