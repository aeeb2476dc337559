/** Update files: made, verified, put in place, and attacked. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HedgerowError } from '../contract/errors.ts';
import { isNewer, MAGIC, type Manifest } from '../core/update/format.ts';
import { applyUpdate, inspectUpdate, trustedKeys, type UpdateContext } from '../core/update/install.ts';
import { writeUpdate } from './sign.ts';

const publisher = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const entry = (name: string, { publicKey }: { publicKey: KeyObject }) => ({
  name,
  key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
});
const TARGET = `portable-${process.platform}-${process.arch}`;

let folder: string;
let root: string;
let source: string;
let context: UpdateContext;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hedgerow-update-'));
  root = join(folder, 'copy');
  source = join(folder, 'new');
  mkdirSync(join(root, 'versions', '0.1.0', 'app'), { recursive: true });
  writeFileSync(join(root, 'versions', '0.1.0', 'app', 'main.cjs'), 'old');
  writeFileSync(join(root, 'current'), '0.1.0\n');
  mkdirSync(join(source, 'app', 'empty'), { recursive: true });
  writeFileSync(join(source, 'app', 'main.cjs'), 'new '.repeat(100_000));
  writeFileSync(join(source, 'app', 'empty', 'nothing'), '');
  writeFileSync(join(source, 'node'), '#!/bin/sh\n', { mode: 0o755 });
  context = { version: '0.1.0', install: { kind: 'portable', root }, keys: [entry('2026', publisher)], home: join(folder, 'home') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function make(change: Partial<Parameters<typeof writeUpdate>[1]> = {}): Promise<string> {
  const out = join(folder, 'a.hedgerow-update');
  await writeUpdate(out, {
    key: publisher.privateKey,
    keyName: '2026',
    version: '0.2.0',
    target: TARGET,
    published: '2026-11-26',
    notes: 'More.',
    source,
    ...change,
  });
  return out;
}

/** A file with any manifest and payload, signed by the publisher: what a stolen build machine could make at worst. */
function forge(change: (manifest: Manifest) => unknown, payload: Buffer = gzipSync('x')): string {
  const manifest = change({
    product: 'hedgerow',
    version: '0.2.0',
    target: TARGET,
    published: '2026-11-26',
    notes: '',
    files: [{ path: 'x', size: 1, sha256: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881', executable: false }],
    payload: { bytes: payload.length, sha256: '0'.repeat(64) },
  });
  const line = Buffer.from(JSON.stringify(manifest));
  const out = join(folder, 'forged.hedgerow-update');
  writeFileSync(
    out,
    Buffer.concat([
      Buffer.from(`${MAGIC}\n2026 ${sign(null, line, publisher.privateKey).toString('base64url')}\n`),
      line,
      Buffer.from('\n'),
      payload,
    ]),
  );
  return out;
}

/** The refusal, and that nothing was changed. */
async function refused(file: string, given = context): Promise<HedgerowError['data']> {
  const error = await applyUpdate(file, given).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HedgerowError);
  expect(readFileSync(join(root, 'current'), 'utf8')).toBe('0.1.0\n');
  expect(readdirSync(join(root, 'versions'))).toEqual(['0.1.0']);
  expect(readdirSync(folder).filter((name) => !/update$|^copy$|^new$|^home$|^target$/.test(name))).toEqual([]);
  const { data } = error as HedgerowError;
  expect(data.action).not.toBe('');
  return data;
}

describe('a signed update', () => {
  it('is verified, unpacked beside the running version, and used from the next start on', async () => {
    const file = await make();
    const { update } = await inspectUpdate(file, context);
    expect(update).toMatchObject({ signedBy: '2026', manifest: { version: '0.2.0', notes: 'More.' } });
    const shares: (number | null)[] = [];
    expect(await applyUpdate(file, context, { onProgress: (share) => shares.push(share) })).toEqual({ version: '0.2.0', installer: null });
    const place = join(root, 'versions', '0.2.0');
    expect(readFileSync(join(root, 'current'), 'utf8')).toBe('0.2.0\n');
    expect(readFileSync(join(place, 'app', 'main.cjs'), 'utf8')).toBe('new '.repeat(100_000));
    expect(statSync(join(place, 'app', 'empty', 'nothing')).size).toBe(0);
    if (process.platform !== 'win32') expect(statSync(join(place, 'node')).mode & 0o111).not.toBe(0);
    // The version before stays, to go back to.
    expect(readdirSync(join(root, 'versions')).sort()).toEqual(['0.1.0', '0.2.0']);
    expect(shares.at(-1)).toBe(1);
  });

  it('drops what a killed attempt left, and versions no longer needed', async () => {
    for (const left of ['.new-abc', '0.0.9', '0.2.0']) mkdirSync(join(root, 'versions', left));
    writeFileSync(join(root, 'versions', '0.2.0', 'half'), '');
    await applyUpdate(await make(), context);
    expect(readdirSync(join(root, 'versions')).sort()).toEqual(['0.1.0', '0.2.0']);
    expect(existsSync(join(root, 'versions', '0.2.0', 'half'))).toBe(false);
  });

  it('of an installed copy is one installer, kept for its owner alone', async () => {
    const target = TARGET.replace('portable', 'installer');
    const installer = join(folder, 'Hedgerow-0.2.0.AppImage');
    writeFileSync(installer, 'installer', { mode: 0o755 });
    const given: UpdateContext = { ...context, install: { kind: 'installer' } };
    const { installer: kept } = await applyUpdate(await make({ source: installer, target }), given);
    expect(readFileSync(kept!, 'utf8')).toBe('installer');
    expect(kept!.startsWith(join(folder, 'home', 'updates'))).toBe(true);
    if (process.platform !== 'win32') expect(statSync(join(folder, 'home', 'updates')).mode & 0o077).toBe(0);
    rmSync(installer);
    expect((await refused(await make({ target }), given)).message).toMatch(/no single installer/);
  });

  it('may be signed by the next key while both are trusted', async () => {
    const file = await make({ key: stranger.privateKey, keyName: '2027' });
    expect((await refused(file)).message).toMatch(/does not know \("2027"\)/);
    await applyUpdate(file, { ...context, keys: [...context.keys, entry('2027', stranger)] });
    expect(readFileSync(join(root, 'current'), 'utf8')).toBe('0.2.0\n');
  });

  it('can be cancelled', async () => {
    expect((await refusedWith(await make(), AbortSignal.abort())).code).toBe('cancelled');
  });

  const refusedWith = async (file: string, signal: AbortSignal): Promise<HedgerowError['data']> => {
    const error = await applyUpdate(file, context, { signal }).then(
      () => null,
      (thrown: unknown) => thrown as HedgerowError,
    );
    expect(readdirSync(join(root, 'versions'))).toEqual(['0.1.0']);
    return error!.data;
  };
});

describe('what is refused, with nothing changed', () => {
  it.each([
    ['no update file', () => Buffer.from('MZ\0\0'), /not an update file/],
    ['an empty file', () => Buffer.alloc(0), /not an update file/],
    ['no end of the front', (bytes: Buffer) => bytes.subarray(0, 60), /not whole/],
    ['a changed version', (bytes: Buffer) => replaced(bytes, '"0.2.0"', '"0.3.0"'), /signature/],
    ['a changed signature', (bytes: Buffer) => replaced(bytes, '\n2026 ', '\n2026 A'), /signature/],
    ['no signature', (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace(/\n2026 \S+/, '\n2026 '), 'latin1'), /signature/],
    ['a changed byte of the payload', (bytes: Buffer) => (bytes.set([bytes.at(-20)! ^ 1], bytes.length - 20), bytes), /damaged/],
    ['a shorter payload', (bytes: Buffer) => bytes.subarray(0, -5), /cut short/],
    ['a longer payload', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')]), /longer/],
  ])('%s', async (_what, change, why) => {
    const file = await make();
    writeFileSync(file, change(readFileSync(file)));
    expect((await refused(file)).message).toMatch(why);
  });

  it('another publisher, also under the name of a trusted key', async () => {
    expect((await refused(await make({ key: stranger.privateKey }))).message).toMatch(/signature .* wrong/);
  });

  it('another system, the same version, an older one', async () => {
    expect(await refused(await make({ target: 'portable-darwin-arm64' }))).toMatchObject({ code: 'blocked' });
    for (const version of ['0.1.0', '0.0.99']) expect(await refused(await make({ version }))).toMatchObject({ code: 'blocked' });
    expect([isNewer('0.10.0', '0.9.9'), isNewer('1.0.0', '0.99.0'), isNewer('0.1.0', '0.1.0')]).toEqual([true, true, false]);
  });

  it.each(['../x', '/etc/x', 'a/../../x', '..', 'a\\..\\x', 'C:/x', 'con', 'a/NUL.txt', '.bashrc', 'a//b', 'x.', 'a\0b', 'A/x'])(
    'a path that leads elsewhere or is not the same everywhere, even signed: %j',
    async (path) => {
      const file = forge((manifest) => ({
        ...manifest,
        files: [{ ...manifest.files[0]!, path }, ...(path === 'A/x' ? [{ ...manifest.files[0]!, path: 'a/X' }] : [])],
      }));
      expect((await refused(file)).message).toMatch(/not valid/);
    },
  );

  it('a payload that unpacks to more, less or something else than signed', async () => {
    expect((await refused(forge((manifest) => manifest, gzipSync(Buffer.alloc(200 << 20))))).message).toMatch(/more than it says/);
    expect((await refused(forge((manifest) => manifest, gzipSync('')))).message).toMatch(/less than it says/);
    expect((await refused(forge((manifest) => manifest, gzipSync('y')))).message).toMatch(/x is not what was signed/);
    expect((await refused(forge((manifest) => manifest, Buffer.from('no gzip')))).message).toMatch(/unpacked/);
    // So many empty files come first that the payload could have failed before anybody reads it.
    const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    const empty = Array.from({ length: 60 }, (_, i) => ({ path: `e${i}`, size: 0, sha256, executable: false }));
    const many = (manifest: Manifest): unknown => ({ ...manifest, files: [...empty, ...manifest.files] });
    expect((await refused(forge(many, Buffer.from('no gzip')))).message).toMatch(/unpacked/);
    expect((await refused(forge((manifest) => manifest))).message).toMatch(/content is not what was signed/);
  });

  it('a manifest that is odd', async () => {
    for (const change of [
      () => [],
      () => 'x',
      (manifest: Manifest) => ({ ...manifest, product: 'other' }),
      (manifest: Manifest) => ({ ...manifest, files: [] }),
      (manifest: Manifest) => ({ ...manifest, version: '../0.2.0' }),
      (manifest: Manifest) => ({ ...manifest, more: 1 }),
      (manifest: Manifest) => ({ ...manifest, files: [{ ...manifest.files[0]!, size: 5e9 }] }),
    ])
      expect((await refused(forge(change))).message).toMatch(/not valid/);
  });

  it.skipIf(process.platform === 'win32')('a copy whose versions folder leads elsewhere', async () => {
    const target = join(folder, 'target');
    rmSync(join(root, 'versions'), { recursive: true });
    mkdirSync(join(target, '0.1.0'), { recursive: true });
    symlinkSync(target, join(root, 'versions'));
    expect((await refused(await make())).code).toBe('io');
    expect(lstatSync(join(root, 'versions')).isSymbolicLink()).toBe(true);
  });

  it('any file, where no key is trusted or the copy runs from its sources', async () => {
    expect((await refused(await make(), { ...context, keys: [] })).message).toMatch(/without an update key/);
    expect((await refused(await make(), { ...context, install: undefined })).message).toMatch(/from its sources/);
    writeFileSync(join(folder, 'update-keys.json'), '[{"name":"a b","key":1},null,{"name":"ok"}]');
    expect(trustedKeys(folder)).toEqual([]);
    truncateSync(join(folder, 'update-keys.json'), 3);
    expect(trustedKeys(folder)).toEqual([]);
    rmSync(join(folder, 'update-keys.json'));
  });
});

function replaced(bytes: Buffer, from: string, to: string): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');
}
