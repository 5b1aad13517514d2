// Networks of their own beside the server's: each a network namespace whose only neighbour is the server, or a NAT in front of it.
// They end with the test, because the process that holds them does.

import { execFileSync } from 'node:child_process';
import { chmodSync, readlinkSync, writeFileSync } from 'node:fs';
import { Program } from './program.mjs';
import { until } from './wait.mjs';

const run = (...words) => execFileSync(words[0], words.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });
const words = (text) => text.trim().split(/\s+/);

class Namespace {
  constructor(stage, name) {
    this.stage = stage;
    this.name = name;
    this.program = new Program('unshare', ['--net', 'sleep', 'infinity'], stage.file(`${name}.network.log`));
    stage.defer(`the network ${name}`, () => this.program.stop());
  }

  async ready() {
    const ours = readlinkSync('/proc/self/ns/net');
    await until(`the network ${this.name} is there`, 5, async () => readlinkSync(`/proc/${this.program.pid}/ns/net`) !== ours);
    this.run('ip link set lo up');
  }

  run(command) {
    run('nsenter', '--target', String(this.program.pid), '--net', ...words(command));
  }

  /** A program that starts `executable` inside. */
  wrapper(executable) {
    const file = this.stage.file(`${this.name}.sh`);
    writeFileSync(file, `#!/bin/sh\nexec nsenter --target ${this.program.pid} --net ${executable} "$@"\n`);
    chmodSync(file, 0o755);
    return file;
  }

  /** A cable from `outer` (nothing: from here) to this network, with the gateway's address at its other end. */
  connect(outer, gateway, own) {
    const [near, far] = [`${this.name}0`, `${this.name}1`];
    const there = (command) => (outer ? outer.run(command) : run(...words(command)));
    there(`ip link add ${near} type veth peer name ${far} netns ${this.program.pid}`);
    there(`ip addr add ${gateway}/24 dev ${near}`);
    there(`ip link set ${near} up`);
    this.run(`ip addr add ${own}/24 dev ${far}`);
    this.run(`ip link set ${far} up`);
    this.run(`ip route add default via ${gateway}`);
    return near;
  }
}

/** A network behind the server, number `subnet`. */
export async function networkBeside(stage, name, subnet) {
  const network = new Namespace(stage, name);
  await network.ready();
  network.connect(undefined, `10.78.${subnet}.1`, `10.78.${subnet}.2`);
  return network;
}

/** The same behind a NAT that gives each pair of ends a port of its own, at random: what RFC 4787 calls address- and port-dependent. */
export async function networkBehindNat(stage, name, subnet) {
  const nat = await networkBeside(stage, `${name}-nat`, subnet);
  const network = new Namespace(stage, name);
  await network.ready();
  network.connect(nat, '192.168.7.1', '192.168.7.2');
  nat.run('sysctl -q -w net.ipv4.ip_forward=1');
  nat.run('nft add table ip nat');
  nat.run('nft add chain ip nat out { type nat hook postrouting priority 100 ; }');
  nat.run(`nft add rule ip nat out oifname ${nat.name}1 masquerade fully-random`);
  return network;
}

/** A firewall in front of the server that lets nobody reach these ports, over UDP and TCP. */
export function closePorts(stage, ports) {
  run(...words('nft add table ip firewall'));
  stage.defer('the firewall', async () => run(...words('nft delete table ip firewall')));
  run(...words('nft add chain ip firewall in { type filter hook input priority 0 ; }'));
  for (const protocol of ['udp', 'tcp']) run(...words(`nft add rule ip firewall in iifname != lo ${protocol} dport ${ports} drop`));
}
