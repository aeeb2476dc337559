/**
 * Runs a command where the only way out is counted: a network namespace of its own, with the loopback interface and one
 * other that leads nowhere. Anything the command or its children send elsewhere, a name look-up included, is a packet there.
 *
 *   unshare -n node e2e/trap.ts RESULT.json COMMAND …
 *
 * Writes {packets} to the result file; exits as the command did.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

/** Packets sent on the interface so far; of this process's own namespace, which /sys would not follow. */
function sent(): number {
  const line = /^\s*trap:(.*)$/m.exec(readFileSync('/proc/net/dev', 'utf8'))?.[1] ?? '';
  return Number(line.trim().split(/\s+/)[9]);
}

function setTrap(): void {
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'trap', 'type', 'veth', 'peer', 'name', 'nowhere');
  for (const name of ['trap', 'nowhere']) {
    // The system itself announces IPv6 addresses; that would be counted too.
    const switchOff = `/proc/sys/net/ipv6/conf/${name}/disable_ipv6`;
    if (existsSync(switchOff)) writeFileSync(switchOff, '1');
  }
  ip('addr', 'add', '192.0.2.2/24', 'dev', 'trap');
  ip('link', 'set', 'trap', 'up');
  ip('link', 'set', 'nowhere', 'up');
  ip('neigh', 'add', '192.0.2.1', 'lladdr', '02:00:00:00:00:01', 'dev', 'trap');
  ip('route', 'add', 'default', 'via', '192.0.2.1');
}

/** One packet to an address reserved for documentation: a trap that does not count it is none. */
async function trySelf(): Promise<void> {
  const before = sent();
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.send('trap', 53, '198.51.100.1', resolve));
  socket.close();
  if (sent() !== before + 1) throw new Error('the trap does not count what is sent');
}

const [result, command, ...args] = process.argv.slice(2);
if (!result || !command) throw new Error('trap.ts RESULT.json COMMAND …');
setTrap();
await trySelf();
const before = sent();
const child = spawn(command, args, { stdio: 'inherit' });
child.on('exit', (code) => {
  writeFileSync(result, JSON.stringify({ packets: sent() - before }));
  process.exitCode = code ?? 1;
});
