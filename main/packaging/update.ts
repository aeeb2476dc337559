/**
 * Signed update files (main/core/update/format.ts).
 *
 *   node main/packaging/update.ts new-key NAME --key private.pem        a key pair; prints the public entry for update-keys.json
 *   node main/packaging/update.ts sign --key private.pem --name NAME --target portable-linux-x64 --version 0.2.0
 *        [--notes TEXT] --out FILE.hedgerow-update SOURCE              SOURCE: a version's folder, or one installer
 *
 * The private key is kept off this machine and off every build machine; HEDGEROW_KEY_PASSPHRASE encrypts it. README.md says
 * how keys are kept, changed and withdrawn.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeUpdate } from './sign.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const passphrase = process.env.HEDGEROW_KEY_PASSPHRASE;

function newKey(name: string, file: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem', ...(passphrase ? { cipher: 'aes-256-cbc', passphrase } : {}) });
  writeFileSync(file, pem, { mode: 0o600, flag: 'wx' });
  if (!passphrase) process.stderr.write('hedgerow: the private key is not encrypted; set HEDGEROW_KEY_PASSPHRASE for that\n');
  say(JSON.stringify({ name, key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') }));
}

const privateKey = (file: string): KeyObject => createPrivateKey({ key: readFileSync(file), ...(passphrase ? { passphrase } : {}) });

const text = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { key: text, name: text, target: text, version: text, notes: text, out: text, published: text },
});
const [command, subject] = positionals;
const needed = (name: 'key' | 'name' | 'target' | 'version' | 'out'): string => {
  const value = values[name];
  if (!value) throw new Error(`--${name} is missing`);
  return value;
};

if (command === 'new-key' && subject) newKey(subject, needed('key'));
else if (command === 'sign' && subject) {
  const source = resolve(subject);
  const out = needed('out');
  const { files, bytes } = await writeUpdate(out, {
    key: privateKey(needed('key')),
    keyName: needed('name'),
    version: needed('version'),
    target: needed('target'),
    published: values.published ?? new Date().toISOString().slice(0, 10),
    notes: values.notes ?? '',
    source,
  });
  say(`${basename(out)}: ${files} files, ${Math.round(statSync(out).size / 1e6)} MB (${Math.round(bytes / 1e6)} MB unpacked)`);
} else throw new Error('new-key NAME, or sign SOURCE');
