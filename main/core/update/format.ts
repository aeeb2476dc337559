/**
 * The update file:
 *
 *   hedgerow-update 1 \n
 *   KEY-NAME SIGNATURE \n          ed25519 over the manifest line, base64url
 *   MANIFEST \n                    JSON on one line
 *   payload                        gzip of the files, one after the other
 *
 * Nothing of the manifest is believed before its signature is verified; the manifest holds the hash of every byte that follows.
 * There is no archive format: the manifest lists the files, so there are no links, no modes and no headers to be lied about.
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { open } from 'node:fs/promises';
import * as v from 'valibot';
import { HedgerowError } from '../../contract/errors.ts';

export const MAGIC = 'hedgerow-update 1';
const LONGEST_MANIFEST = 4e6;
const LONGEST_SIGNATURE = 400;
/** All files of an update unpacked. */
const LARGEST = 4e9;

/** Public key of a publisher: its name, and the SPKI bytes in base64. */
export interface TrustedKey {
  readonly name: string;
  readonly key: string;
}

/** A path inside the version's folder that is the same on every system: plain segments, no dots in front, no reserved name. */
const SEGMENT = /^(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[A-Za-z0-9_@+-][A-Za-z0-9._@+ -]{0,99}(?<![. ])$/i;
const path = v.pipe(
  v.string(),
  v.maxLength(300),
  v.check((text) => text.split('/').every((segment) => SEGMENT.test(segment)), 'a plain relative path'),
);
const size = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LARGEST));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const manifestSchema = v.strictObject({
  product: v.literal('hedgerow'),
  version: v.pipe(v.string(), v.regex(/^\d{1,4}\.\d{1,4}\.\d{1,5}$/)),
  /** `portable-linux-x64`, `installer-win32-x64`, … */
  target: v.pipe(v.string(), v.regex(/^(portable|installer)-(linux|win32|darwin)-(x64|arm64)$/)),
  published: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/)),
  notes: v.pipe(v.string(), v.maxLength(20_000)),
  files: v.pipe(
    v.array(v.strictObject({ path, size, sha256, executable: v.boolean() })),
    v.minLength(1),
    v.maxLength(5000),
    v.check((files) => new Set(files.map((file) => file.path.toLowerCase())).size === files.length, 'different paths'),
    v.check((files) => files.reduce((sum, file) => sum + file.size, 0) <= LARGEST, 'at most 4 GB'),
  ),
  payload: v.strictObject({ bytes: size, sha256 }),
});
export type Manifest = v.InferOutput<typeof manifestSchema>;

export interface UpdateFile {
  readonly manifest: Manifest;
  readonly signedBy: string;
  /** Where the payload begins. */
  readonly offset: number;
}

const refuse = (message: string, action = 'Get the update file again from where your copy of Hedgerow came from. Nothing was changed.') =>
  new HedgerowError('data', message, action);

function publicKey({ key }: TrustedKey): KeyObject {
  const object = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
  if (object.asymmetricKeyType !== 'ed25519') throw new Error('an update key is not an ed25519 key');
  return object;
}

/** Reads the front of an update file and verifies its signature. Throws `data` saying what is wrong with it. */
export async function readUpdate(file: string, keys: readonly TrustedKey[]): Promise<UpdateFile> {
  const handle = await open(file, 'r');
  try {
    const front = Buffer.alloc(MAGIC.length + 1 + LONGEST_SIGNATURE + 1 + LONGEST_MANIFEST + 1);
    const { bytesRead } = await handle.read(front, 0, front.length, 0);
    const head = front.subarray(0, bytesRead);
    const first = head.indexOf(10);
    if (first !== MAGIC.length || head.toString('latin1', 0, first) !== MAGIC) throw refuse('This is not an update file of Hedgerow.');
    const second = head.indexOf(10, first + 1);
    const third = second < 0 ? -1 : head.indexOf(10, second + 1);
    if (second < 0 || second - first > LONGEST_SIGNATURE || third < 0) throw refuse('The update file is damaged: its front is not whole.');
    const [name = '', signature = ''] = head.toString('latin1', first + 1, second).split(' ');
    const line = head.subarray(second + 1, third);
    const key = keys.find((candidate) => candidate.name === name);
    if (!key)
      throw refuse(
        `The update file is signed with a key this copy does not know ("${name.replace(/[^\w.-]/g, '').slice(0, 40)}").`,
        'Install the new version with its installer instead. Nothing was changed.',
      );
    // The name of the key is not signed; a wrong one fails here.
    if (!verify(null, line, publicKey(key), Buffer.from(signature, 'base64url')))
      throw refuse('The signature of the update file is wrong: it was changed after it was made, or was not made by the publisher.');
    return { manifest: parse(line), signedBy: name, offset: third + 1 };
  } finally {
    await handle.close();
  }
}

function parse(line: Buffer): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    throw refuse('The update file is damaged: its manifest is not readable.');
  }
  const parsed = v.safeParse(manifestSchema, value);
  if (!parsed.success)
    throw refuse(`The update file is not valid: ${v.getDotPath(parsed.issues[0]) ?? 'manifest'} is not as it should be.`);
  return parsed.output;
}

/** Whether `a` is a later version than `b`. */
export function isNewer(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  const at = left!.findIndex((part, i) => part !== (right![i] ?? 0));
  return at >= 0 && left![at]! > (right![at] ?? 0);
}

/** Throws `blocked` for an update that does not fit this copy: another system, or no newer version. */
export function checkFits({ version, target }: Manifest, here: { readonly version: string; readonly target: string }): void {
  if (target !== here.target)
    throw new HedgerowError(
      'blocked',
      `The update file is for ${target}; this copy is ${here.target}.`,
      'Get the file for this system. Nothing was changed.',
    );
  if (!isNewer(version, here.version))
    throw new HedgerowError(
      'blocked',
      `The update file holds version ${version}, and this copy is ${here.version} already.`,
      'Updates only go forward: an old version may have known faults, and cannot open newer workspaces. Nothing was changed.',
    );
}
