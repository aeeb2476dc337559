/** Port, token and switch of the interface: one file of the home folder that only its owner can read. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ServiceSettings {
  readonly enabled: boolean;
  readonly port: number;
  readonly token: string;
}

const DEFAULT_PORT = 8787;
const fileOf = (home: string): string => join(home, 'service.json');

export const newToken = (): string => `hr_${randomBytes(24).toString('base64url')}`;

/** A missing or damaged file is a switched-off service with a new token. */
export function readServiceSettings(home: string): ServiceSettings {
  try {
    const { enabled, port, token } = JSON.parse(readFileSync(fileOf(home), 'utf8')) as Record<string, unknown>;
    if (typeof token === 'string' && /^hr_[\w-]{32}$/.test(token) && typeof port === 'number' && port >= 1024 && port <= 65535)
      return { enabled: enabled === true, port, token };
  } catch {
    // Falls through.
  }
  return writeServiceSettings(home, { enabled: false, port: DEFAULT_PORT, token: newToken() });
}

export function writeServiceSettings(home: string, settings: ServiceSettings): ServiceSettings {
  const file = fileOf(home);
  mkdirSync(home, { recursive: true });
  writeFileSync(`${file}.tmp`, JSON.stringify(settings, null, 2), { mode: 0o600 });
  chmodSync(`${file}.tmp`, 0o600); // The mode above does not apply to a file left over from before.
  renameSync(`${file}.tmp`, file);
  return settings;
}
