/**
 * Whose process is at the other end of a loopback connection. Every user of a machine can reach its loopback ports, and can
 * read the launch code among the arguments of the browser; so other users are turned away before anything is read.
 */
import { readFileSync } from 'node:fs';

const LOOPBACK = '0100007F';
const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

/** User id of the process connected from `peerPort` to our `port`; null where the system does not tell (Windows, macOS). */
export function peerUser(
  peerPort: number,
  port: number,
  table: () => string = () => readFileSync('/proc/net/tcp', 'latin1'),
): number | null {
  let text: string;
  try {
    text = table();
  } catch {
    return null;
  }
  const from = `${LOOPBACK}:${hex(peerPort)}`;
  const to = `${LOOPBACK}:${hex(port)}`;
  for (const line of text.split('\n')) {
    const [, local, remote, , , , , uid] = line.trim().split(/\s+/);
    if (local === from && remote === to) return Number(uid);
  }
  return null;
}

/** Whether a connection is this user's own, as far as the system can say. */
export function isOwnUser(peerPort: number | undefined, port: number | undefined): boolean {
  if (process.platform !== 'linux' || peerPort === undefined || port === undefined) return true;
  const user = peerUser(peerPort, port);
  return user === null || user === process.getuid?.();
}
