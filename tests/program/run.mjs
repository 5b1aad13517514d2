// The programs as an operator meets them: started, asked, disturbed and stopped. Each test has a state directory and ports of
// its own, and ends what it started.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate, createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program, childrenOf } from '../e2e/harness/program.mjs';
import { until, withLimit } from '../e2e/harness/wait.mjs';
import { loadTests } from './load_tests.mjs';
import { turnTests } from './turn_tests.mjs';
import { TinyWebSocket } from './web_socket.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const executable = (name) => `${process.env.PARLEY_BIN ?? `${root}/build/release/bin`}/${name}`;

let nextPort = 20000;

/** What one test has: a folder, and programs that end with it. */
class Place {
  folder = mkdtempSync(join(tmpdir(), 'parley-test-'));
  state = join(this.folder, 'state');
  http = (nextPort += 10);
  https = this.http + 1;
  media = this.http + 2;
  #programs = [];

  start(command, args) {
    const program = new Program(command, args.map(String), join(this.folder, `log-${this.#programs.length}`));
    this.#programs.push(program);
    return program;
  }

  arguments(...more) {
    const own = ['--state', this.state, '--http', `127.0.0.1:${this.http}`, '--https', 'off', '--media-port', this.media, '--workers', 2];
    return [...own, '--page', join(root, 'web-client/dist'), ...more];
  }

  /** `parley serve`, once it has said that it is ready. */
  async serve(...more) {
    const program = this.start(executable('parley'), ['serve', ...this.arguments(...more)]);
    await ready(program);
    return program;
  }

  get(path, options) {
    return fetch(`http://127.0.0.1:${this.http}${path}`, options);
  }

  async close() {
    for (const program of this.#programs) await program.stop();
    rmSync(this.folder, { recursive: true });
  }
}

async function ready(program) {
  await until('it is ready', 20, async () => {
    if (!program.running) throw new Error(`it ended: ${program.printed()}`);
    return program.printed().includes('Parley is ready.');
  });
}

/** Runs a program to its end. */
function run(command, args) {
  return new Promise((resolve) => {
    execFile(command, args.map(String), (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }));
  });
}

/** The test with an address, 192.0.2.1, that does not count as this machine's. Others do without: the relay would choose it, too. */
const withOtherAddress = (test) => async (place) => {
  await run('ip', ['address', 'add', '192.0.2.1/32', 'dev', 'lo']);
  await test(place).finally(() => run('ip', ['address', 'delete', '192.0.2.1/32', 'dev', 'lo']));
};

const workersOf = (program) => childrenOf(program.pid, 'parley-sfu');
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

/** An HTTPS request that trusts anybody, with the certificate that was shown. */
function getSecurely(port, path) {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, rejectUnauthorized: false }, (response) => {
      const certificate = new X509Certificate(response.socket.getPeerCertificate().raw);
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => resolve({ status: response.statusCode, certificate, body: Buffer.concat(pieces).toString() }));
    });
    asked.on('error', reject).end();
  });
}

const tests = {
  'It starts without a file, says how to get in, and the invite that it prints buys a token': async (place) => {
    const program = await place.serve();
    assert.deepEqual(await (await place.get('/healthz')).json(), { status: 'ready', workers: 2 });
    const [, invite] = /http:\/\/127\.0\.0\.1:\d+\/#invite=(\S+)/.exec(program.printed());
    const answer = await place.get('/api/token', {
      method: 'POST',
      headers: { authorization: `Bearer ${invite}` },
      body: JSON.stringify({ room: 'tea', name: 'Ada' }),
    });
    assert.equal(answer.status, 200);
    assert.equal(claimsOf((await answer.json()).token).video.room, 'tea');
  },

  'The secret and the certificate survive a restart, and only their owner can read them': async (place) => {
    const first = await place.serve('--https', `0.0.0.0:${place.https}`);
    const seen = await getSecurely(place.https, '/healthz');
    assert.equal(seen.status, 200);
    assert.match(seen.certificate.subjectAltName, /DNS:localhost.*IP Address:127\.0\.0\.1/);
    assert.equal(seen.certificate.publicKey.asymmetricKeyDetails.namedCurve, 'prime256v1');
    const keys = readFileSync(join(place.state, 'keys'), 'utf8');
    assert.equal(statSync(place.state).mode & 0o777, 0o700);
    for (const file of ['keys', 'certificate.pem', 'certificate.key']) assert.equal(statSync(join(place.state, file)).mode & 0o777, 0o600);
    await first.stop();
    await place.serve('--https', `0.0.0.0:${place.https}`);
    assert.equal((await getSecurely(place.https, '/healthz')).certificate.fingerprint256, seen.certificate.fingerprint256);
    assert.equal(readFileSync(join(place.state, 'keys'), 'utf8'), keys);
  },

  'A token has the claims of LiveKit, signed with the key in the state directory': async (place) => {
    const asked = ['token', '--state', place.state, '--room', 'tea', '--identity', 'ada', '--name', 'Ada', '--no-publish', '--admin', '--valid', '2h'];
    const first = await run(executable('parley'), asked);
    assert.equal(first.stderr, `parley: There was no key in ${place.state}, so one was made: the token is for a server with this --state.\n`);
    const { code, stdout, stderr } = await run(executable('parley'), asked);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    const token = stdout.trim();
    assert.equal(stdout, `${token}\n`);
    const [key, secret] = readFileSync(join(place.state, 'keys'), 'utf8').trim().split(': ');
    const [head, body, signature] = token.split('.');
    assert.equal(createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url'), signature);
    const { iss, sub, name, exp, nbf, video } = claimsOf(token);
    assert.deepEqual({ iss, sub, name }, { iss: key, sub: 'ada', name: 'Ada' });
    assert.equal(exp - nbf, 2 * 3600);
    assert.ok(Math.abs(nbf - Date.now() / 1000) < 60);
    const { room, roomJoin, canPublish, canSubscribe, roomAdmin } = video;
    assert.deepEqual(
      { room, roomJoin, canPublish, canSubscribe, roomAdmin },
      { room: 'tea', roomJoin: true, canPublish: false, canSubscribe: true, roomAdmin: true },
    );
  },

  'parley why prints what a participant receives, and explains itself when it cannot': async (place) => {
    await place.serve('--https', `127.0.0.1:${place.https}`);
    const why = (...args) => run(executable('parley'), ['why', '--state', place.state, '--room', 'tea', '--participant', 'ada', ...args]);
    const here = ['--url', `http://127.0.0.1:${place.http}`];
    assert.match((await why(...here)).stderr, /There is no such participant in the room/);
    const token = (await run(executable('parley'), ['token', '--state', place.state, '--room', 'tea', '--identity', 'ada', '--name', 'Ada'])).stdout.trim();
    const socket = new TinyWebSocket(place.http);
    await socket.open;
    socket.send({ type: 'join', token });
    await until('ada is in the room', 5, () => socket.messages.some((message) => message.type === 'joined'));
    const { code, stdout } = await why(...here);
    assert.equal(code, 0);
    assert.equal(stdout, 'Ada (ada) in room tea\nNothing is received.\n');
    assert.deepEqual(JSON.parse((await why(...here, '--json')).stdout), { room: 'tea', participant: 'ada', name: 'Ada', subscriptions: [] });
    const secure = ['--url', `https://127.0.0.1:${place.https}`];
    assert.equal((await why(...secure)).code, 1, 'nobody has signed the certificate');
    assert.match((await why(...secure, '--insecure')).stdout, /Nothing is received/);
    const elsewhere = join(place.state, 'elsewhere');
    const lost = await run(executable('parley'), ['why', '--state', elsewhere, '--room', 'tea', '--participant', 'ada', ...here]);
    assert.match(lost.stderr, /There is no key in .*elsewhere\. Name the server's own directory/);
    assert.ok(!existsSync(elsewhere), 'asking makes no directory');
    assert.match((await why(...here, '--api-key', `other:${'x'.repeat(43)}`)).stderr, /key/i);
    assert.match((await why('--url', 'http://127.0.0.1:1')).stderr, /does not answer/);
    assert.match((await why('--url', 'nonsense')).stderr, /--url takes an address/);
  },

  'A worker that is killed comes back at once, and the server is ready again': async (place) => {
    const program = await place.serve();
    const before = workersOf(program);
    assert.equal(before.length, 2);
    process.kill(before[0], 'SIGKILL');
    await until('two workers are ready again', 2, async () => {
      const now = workersOf(program);
      return now.length === 2 && !now.includes(before[0]) && (await (await place.get('/healthz')).json()).workers === 2;
    });
    assert.ok(workersOf(program).includes(before[1]));
  },

  'A worker that is killed again and again is started again and again, and the server stays': async (place) => {
    const program = await place.serve('--workers', 1);
    for (let deaths = 0; deaths < 4; ++deaths) {
      const [worker] = await until('there is a worker', 5, async () => workersOf(program).length === 1 && workersOf(program));
      process.kill(worker, 'SIGKILL');
      await until('it has ended', 2, async () => !workersOf(program).includes(worker));
    }
    await until('the server is ready', 5, async () => (await place.get('/healthz')).ok);
    assert.ok(program.running);
  },

  'Stopped by SIGTERM, it tells its clients, ends its workers, and exits with 0': async (place) => {
    const program = await place.serve();
    const workers = workersOf(program);
    const { stdout: token } = await run(executable('parley'), ['token', '--state', place.state, '--room', 'tea', '--identity', 'ada']);
    const client = new TinyWebSocket(place.http);
    assert.match(await withLimit(5, 'the upgrade', client.open), /101 [\s\S]*parley\.1/);
    client.send({ type: 'join', id: 1, token: token.trim() });
    await until('joined', 5, async () => client.messages.some((message) => message.type === 'joined'));
    program.child.kill('SIGTERM');
    assert.equal(await withLimit(5, 'stopping', program.ended), 0);
    await withLimit(5, 'the end of the connection', client.ended);
    assert.equal(client.messages.at(-1).type, 'closed');
    assert.equal(client.messages.at(-1).code, 'serverStopping');
    assert.equal(client.closeCode, 1000);
    for (const worker of workers) assert.ok(!existsSync(`/proc/${worker}`));
  },

  'Killed, it takes its workers with it': async (place) => {
    const program = await place.serve();
    const workers = workersOf(program);
    program.child.kill('SIGKILL');
    await until('the workers are gone', 5, async () => workers.every((worker) => !existsSync(`/proc/${worker}`)));
  },

  'Over HTTPS the page, a large body and the WebSocket work as they do over HTTP': async (place) => {
    await place.serve('--https', `127.0.0.1:${place.https}`);
    const [asset] = /\/assets\/[^"]+\.js/.exec(await (await place.get('/')).text());
    assert.equal((await getSecurely(place.https, asset)).body, await (await place.get(asset)).text());
    const { stdout: token } = await run(executable('parley'), ['token', '--state', place.state, '--room', 'tea', '--identity', 'ada']);
    const client = new TinyWebSocket(place.https, { secure: true });
    await withLimit(5, 'the upgrade', client.open);
    client.send({ type: 'join', id: 1, token: token.trim() });
    await until('joined', 5, async () => client.messages.some((message) => message.type === 'joined'));
    for (let id = 2; id < 40; ++id) client.send({ type: 'chat', id, text: 'x'.repeat(4000) });
    await until('every message is answered', 5, async () => client.messages.filter((message) => message.type === 'chat').length === 38);
  },

  'A port that is taken is named, with the option to change it, and the exit code is not 0': async (place) => {
    await place.serve('--https', `0.0.0.0:${place.https}`);
    const other = new Place();
    for (const [option, args, port] of [
      ['--http', ['--http', `127.0.0.1:${place.http}`], place.http],
      ['--https', ['--https', `0.0.0.0:${place.https}`], place.https],
      ['--media-port', ['--media-port', place.media, '--workers', '1'], place.media],  // of two, either may say it first
    ]) {
      const { code, stderr } = await run(executable('parley'), ['serve', ...other.arguments(...args)]);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`port (\\S+:)?${port} is already in use.*${option}\\.`));
    }
    await other.close();
  },

  'A configuration file sets options, the command line wins, and an unknown key is named with the nearest known one': async (place) => {
    const file = join(place.folder, 'parley.yaml');
    writeFileSync(file, `http: 127.0.0.1:${place.http}\nhttps: off\nmedia-port: ${place.media}\nworkers: 3\nstate: ${place.state}\n`);
    await place.serve('--config', file);
    assert.equal((await (await place.get('/healthz')).json()).workers, 2);
    writeFileSync(file, 'wokers: 3\n');
    const { code, stderr } = await run(executable('parley'), ['serve', '--config', file]);
    assert.equal(code, 1);
    assert.match(stderr, /wokers.*nearest.*workers/);
    for (const path of ['/nowhere', place.folder])
      assert.match((await run(executable('parley'), ['serve', '--config', path])).stderr, /configuration file \S+ cannot be read/);
  },

  'Every option has its default, or what holds without it, in --help; and a server that nobody could enter does not start': async (place) => {
    assert.match((await run(executable('parley'), ['sevre'])).stderr, /There is no command "sevre", but serve, token and why/);
    const misspelt = await run(executable('parley'), ['serve', '--wokers=3']);
    assert.equal(misspelt.code, 1);
    assert.match(misspelt.stderr, /no option "wokers"\. The nearest is "workers"/);
    const { stdout } = await run(executable('parley'), ['serve', '--help']);
    const described = stdout.split(/\n {2}(?=-)/).slice(1).filter((text) => !/^(-h|--config)\b/.test(text));
    assert.ok(described.length > 20);
    for (const text of described) assert.match(text, /\]\s*$/);
    const { code, stderr } = await run(executable('parley'), ['serve', ...place.arguments('--http', 'off')]);
    assert.equal(code, 1);
    assert.match(stderr, /nobody could come in/);
  },

  'Without a page it says so, and serves everything else': async (place) => {
    const program = await place.serve('--page', place.folder);
    assert.match(program.printed(), /There is no page in \S+.*--page/);
    assert.equal((await place.get('/')).status, 404);
    assert.ok((await place.get('/healthz')).ok);
  },

  'Stopped together with its workers and its relay, as systemd stops a service, it starts none of them again': async (place) => {
    const program = await place.serve('--turn-listen', `127.0.0.1:${place.http + 5}`, '--turn-tls', 'off');
    const [relay] = await until('the relay is up', 5, async () => childrenOf(program.pid, 'parley-turn'));
    const children = [...workersOf(program), relay];
    // It learns of everything at once.
    process.kill(program.pid, 'SIGSTOP');
    for (const child of children) process.kill(child, 'SIGTERM');
    const over = (child) => readFileSync(`/proc/${child}/stat`, 'utf8').includes(') Z ');
    await until('workers and relay are over', 5, async () => children.every(over));
    process.kill(program.pid, 'SIGTERM');
    process.kill(program.pid, 'SIGCONT');
    assert.equal(await withLimit(5, 'stopping', program.ended), 0);
    assert.doesNotMatch(program.printed(), /starting another/);
  },

  'A state directory that belongs to something else is left alone': async (place) => {
    writeFileSync(join(place.folder, 'important'), '');
    const { code, stderr } = await run(executable('parley'), ['serve', ...place.arguments('--state', place.folder)]);
    assert.equal(code, 1);
    assert.match(stderr, /holds files of something else/);
  },

  'The page comes with a policy that lets nobody else script it, and its assets are kept by browsers': async (place) => {
    await place.serve();
    const page = await place.get('/');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-security-policy'), /default-src 'self'/);
    assert.match(page.headers.get('permissions-policy'), /camera=\(self\)/);
    const [asset] = /\/assets\/[^"]+\.js/.exec(await page.text());
    const script = await place.get(asset);
    assert.match(script.headers.get('content-type'), /^text\/javascript/);
    assert.match(script.headers.get('cache-control'), /immutable/);
    const known = await place.get('/', { headers: { 'if-none-match': page.headers.get('etag') } });
    assert.equal(known.status, 304);
    assert.equal((await place.get('/../../../etc/passwd')).status, 404);
  },

  'An address has seven web connections for each of its WebSockets, and this machine as many as there are': withOtherAddress(async (place) => {
    await place.serve('--http', `0.0.0.0:${place.http}`, '--connections-per-address', 2, '--connections', 20);
    const sockets = [];
    const answered = (host) =>
      new Promise((resolve) => {
        const socket = connect(place.http, host).on('data', () => resolve(true)).on('close', () => resolve(false)).on('error', () => {});
        sockets.push(socket);
        socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
      });
    for (let i = 0; i < 14; ++i) assert.ok(await answered('192.0.2.1'), `connection ${i + 1} of that address`);
    assert.ok(!(await answered('192.0.2.1')));
    for (let i = 0; i < 6; ++i) assert.ok(await answered('127.0.0.1'), `connection ${i + 1} of this machine`);
    assert.ok(!(await answered('127.0.0.1')));
    for (const socket of sockets) socket.destroy();
    const metrics = await until('there is place again', 5, async () => (await place.get('/metrics').catch(() => null))?.text());
    assert.match(metrics, /parley_web_total\{event="too_many_connections"\} [2-9]/);
  }),

  'Metrics with a port of their own are for whoever gets there, and no longer for this machine elsewhere': async (place) => {
    const port = place.http + 5;
    await place.serve('--metrics', `127.0.0.1:${port}`);
    assert.equal((await place.get('/metrics')).status, 401);
    const there = (path) => fetch(`http://127.0.0.1:${port}${path}`);
    const text = await (await there('/metrics')).text();
    for (const name of ['parley_rooms', 'parley_worker_participants', 'parley_web_total']) assert.match(text, new RegExp(`^${name}\\b`, 'm'));
    for (const path of ['/', '/healthz', '/api/why']) assert.equal((await there(path)).status, 404);
    assert.equal((await place.get('/')).status, 200);
  },

  'More connections than there are descriptors for are not promised': async (place) => {
    const limited = `ulimit -n 200 && exec "$0" "$@"`;
    const program = place.start('bash', ['-c', limited, executable('parley'), 'serve', ...place.arguments('--turn', 'off')]);
    await ready(program);
    assert.match(program.printed(), /--connections 4000: the system lets this process have descriptors for 128 only/);
    const sockets = Array.from({ length: 140 }, () => connect(place.http, '127.0.0.1').on('error', () => {}));
    const refused = sockets.map((socket) => new Promise((resolve) => socket.resume().on('close', resolve)));
    await withLimit(5, 'refusing twelve', Promise.any(refused));
    for (const socket of sockets) socket.destroy();
    const hopeless = await run('bash', ['-c', 'ulimit -n 64 && exec "$0" "$@"', executable('parley'), 'serve', ...place.arguments()]);
    assert.equal(hopeless.code, 1);
    assert.match(hopeless.stderr, /fewer than the 79 descriptors with which a single page gets in/);
  },

  'The links that it prints are those with which people elsewhere get in': async (place) => {
    await place.serve('--https', `0.0.0.0:${place.https}`, '--advertise', '203.0.113.7').then(async (program) => {
      assert.match(program.printed(), new RegExp(`From outside   https://203\\.0\\.113\\.7:${place.https}/#invite=`));
      await program.stop();
    });
    const [certificate, key] = ['certificate', 'key'].map((name) => join(place.folder, `${name}.pem`));
    const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', certificate];
    await run('openssl', ['req', ...made, '-subj', '/CN=tea', '-addext', 'subjectAltName=DNS:tea.example.org,DNS:*.example.org']);
    const program = await place.serve('--https', `0.0.0.0:${place.https}`, '--cert', certificate, '--key', key);
    assert.match(program.printed(), new RegExp(`Other devices  https://tea\\.example\\.org:${place.https}/#invite=`));
    assert.doesNotMatch(program.printed(), /warn once|From outside|\*/);
  },

  'An office whose UDP is blocked gets 1000 connections to the media port': withOtherAddress(async (place) => {
    await place.serve('--workers', 1);
    const sockets = Array.from({ length: 1001 }, () => connect(place.media, '192.0.2.1').on('error', () => {}));
    await until('the last one is counted', 10, async () => /tcp_too_many_connections\S* 1\n/.test(await (await place.get('/metrics')).text()));
    for (const socket of sockets) socket.destroy();
  }),

  'Strangers on the media port over TCP are shut out and counted': async (place) => {
    await place.serve('--workers', 1);
    const socket = connect(place.media, '127.0.0.1');
    socket.write('\0\x40GET / HTTP/1.1\r\nHost: a stranger who has lost the way, in full length\r\n\r\n');
    await withLimit(5, 'the end of the connection', new Promise((resolve) => socket.on('close', resolve).on('error', () => {}).resume()));
    await until('it is counted', 5, async () => /tcp_first_frame_not_stun\D+"0"\} 1|tcp_first_frame_not_stun\S* 1/.test(await (await place.get('/metrics')).text()));
  },

  'A second deploy/start on an unchanged tree is ready within 5 s': async (place) => {
    if (process.env.PARLEY_BIN) return; // another build than the one that deploy/start makes
    const start = () => place.start(join(root, 'deploy/start'), place.arguments());
    const first = start();
    await ready(first);
    await first.stop();
    const begin = Date.now();
    await ready(start());
    assert.ok(Date.now() - begin < 5000, `it took ${Date.now() - begin} ms`);
  },
};

let passed = 0;
let failed = 0;
const wanted = process.env.PARLEY_TESTS ?? '';
for (const [sentence, test] of Object.entries({ ...tests, ...loadTests(executable, run), ...turnTests(executable, run) })) {
  if (!sentence.includes(wanted)) continue;
  const place = new Place();
  try {
    await withLimit(120, 'the whole test', test(place));
    passed += 1;
    console.log(`  passed  ${sentence}`);
  } catch (error) {
    failed += 1;
    console.log(`  FAILED  ${sentence}\n    ${error.stack}`);
  }
  await place.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
