/**
 * `npm test`: every check of the project and `N passed, N failed` as the last line.
 * `npm run test:long` adds the full sizes and keeps their results as JSON.
 * A check that is a whole tool (lint, types) counts as one test.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = resolve(import.meta.dirname, '..', '..');
const long = process.argv.includes('--long');
const only = process.argv.find((arg) => arg.startsWith('--only='))?.slice(7);
const results = join(root, 'test-results');
const bin = (name: string): string => join(root, 'node_modules', ...name.split('/'));

interface Outcome {
  passed: number;
  failed: number;
  skipped: string[];
  /** What failed and how, said once more at the end: the last lines of a long log are what people see first. */
  failures: string[];
}

const whole = (ok: boolean): Outcome => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: [], failures: [] });

/** The beginning of an error, without the colours of a terminal. */
function brief(message: string): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.slice(0, 8).join('\n  ');
}

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}, inside: readonly string[] = []): Promise<boolean> {
  const [command = process.execPath, ...words] = [...inside, process.execPath, ...args];
  return new Promise((done) => {
    const child = spawn(command, words, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
    child.on('error', () => done(false));
    child.on('exit', (code) => done(code === 0));
  });
}

interface VitestJson {
  success: boolean;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

async function unitTests(): Promise<Outcome> {
  const file = join(results, 'vitest.json');
  rmSync(file, { force: true });
  const ok = await run([bin('vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`], {
    HEDGEROW_TEST_DATA: process.env.HEDGEROW_TEST_DATA ?? resolve(root, '..', 'shared', 'data'),
    ...(long ? { HEDGEROW_LONG: '1' } : {}),
  });
  if (!existsSync(file)) return whole(false);
  const json = JSON.parse(readFileSync(file, 'utf8')) as VitestJson;
  const outcome: Outcome = { passed: 0, failed: 0, skipped: [], failures: [] };
  for (const suite of json.testResults) {
    // A file that could not be loaded has no assertions: it counts as one failure.
    if (suite.status === 'failed' && !suite.assertionResults.some((test) => test.status === 'failed')) {
      outcome.failed += 1;
      outcome.failures.push(`${suite.name}: ${brief(suite.message)}`);
    }
    for (const test of suite.assertionResults) {
      if (test.status === 'passed') outcome.passed += 1;
      else if (test.status === 'failed') {
        outcome.failed += 1;
        outcome.failures.push(`${suite.name}: ${test.fullName}: ${brief(test.failureMessages.join('\n'))}`);
      } else outcome.skipped.push(test.fullName);
    }
  }
  // Unhandled errors make the run fail without a failed test.
  if (!ok && outcome.failed === 0) outcome.failed = 1;
  return outcome;
}

interface PlaywrightSuite {
  suites?: PlaywrightSuite[];
  specs?: { title: string; tests: { projectName: string; status: string; results: { errors: { message?: string }[] }[] }[] }[];
}

async function endToEnd(): Promise<Outcome> {
  const config = join(root, 'e2e', 'playwright.config.ts');
  if (!existsSync(config)) return { passed: 0, failed: 0, skipped: [], failures: [] };
  const file = join(results, 'playwright.json');
  rmSync(file, { force: true });
  const trapped = join(results, 'trap.json');
  rmSync(trapped, { force: true });
  const trap = canTrap() ? [join(root, 'e2e', 'trap.ts'), trapped, process.execPath] : null;
  const ok = await run(
    [...(trap ?? []), bin('@playwright/test/cli.js'), 'test', '-c', config, '--reporter=list,json'],
    { PLAYWRIGHT_JSON_OUTPUT_NAME: file },
    trap ? ['unshare', '-n'] : [],
  );
  if (!existsSync(file)) return whole(false);
  const outcome: Outcome = { passed: 0, failed: 0, skipped: [], failures: [] };
  const visit = (suite: PlaywrightSuite): void => {
    for (const spec of suite.specs ?? [])
      for (const test of spec.tests) {
        const title = `[${test.projectName}] ${spec.title}`;
        if (test.status === 'expected') outcome.passed += 1;
        else if (test.status === 'skipped') outcome.skipped.push(title);
        else {
          outcome.failed += 1;
          const errors = test.results.flatMap((result) => result.errors.map((error) => brief(error.message ?? '')));
          outcome.failures.push(`${title}: ${errors.join('\n  ')}`);
        }
      }
    for (const inner of suite.suites ?? []) visit(inner);
  };
  visit(JSON.parse(readFileSync(file, 'utf8')) as PlaywrightSuite);
  if (!ok && outcome.failed === 0) outcome.failed = 1;
  return withTrap(outcome, trap ? trapped : null);
}

/** Whether the end-to-end tests can run in a network namespace of their own (e2e/trap.ts). */
function canTrap(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  return spawnSync('unshare', ['-n', 'ip', 'link', 'add', 'trap', 'type', 'veth', 'peer', 'name', 'nowhere']).status === 0;
}

/** Counts "nothing was sent out of this machine" as one more test. */
function withTrap(outcome: Outcome, file: string | null): Outcome {
  const name = 'no connection leaves the machine (needs root, unshare and ip)';
  if (file === null) return { ...outcome, skipped: [...outcome.skipped, name] };
  const packets = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { packets: number }).packets : NaN;
  process.stdout.write(`socket trap: ${packets} packets left the machine during the end-to-end tests\n`);
  return packets === 0 ? { ...outcome, passed: outcome.passed + 1 } : { ...outcome, failed: outcome.failed + 1 };
}

const tool =
  (...args: string[]) =>
  async (): Promise<Outcome> =>
    whole(await run(args));

type Step = readonly [name: string, step: () => Promise<Outcome>];
/** Tools of one thread each, which only read: as many at a time as there are cores. */
const tools: readonly Step[] = [
  ['lint', tool(bin('eslint/bin/eslint.js'), '.', '--max-warnings', '0')],
  ['format', tool(bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.')],
  ['types: node', tool(bin('typescript/bin/tsc'), '-p', 'tsconfig.node.json')],
  ['types: renderer', tool(bin('svelte-check/bin/svelte-check'), '--tsconfig', 'tsconfig.renderer.json', '--fail-on-warnings')],
  ['types: common', tool(bin('typescript/bin/tsc'), '-p', 'tsconfig.common.json')],
  [
    'dependency rules',
    tool(bin('dependency-cruiser/bin/dependency-cruiser.mjs'), '--config', '.dependency-cruiser.cjs', 'main', 'db', 'renderer', 'e2e'),
  ],
];
/** Each has the machine for itself. */
const alone: readonly Step[] = [
  ['unit tests', unitTests],
  ['build', tool(bin('vite/bin/vite.js'), 'build', '--app', '--logLevel', 'warn', '--config', 'electron.config.ts')],
  ['end-to-end tests', endToEnd],
];

mkdirSync(results, { recursive: true });
const total: Outcome = { passed: 0, failed: 0, skipped: [], failures: [] };
const lines: string[] = [];
async function take([name, step]: Step): Promise<void> {
  process.stdout.write(`\n== ${name}\n`);
  const started = performance.now();
  const outcome = await step();
  total.passed += outcome.passed;
  total.failed += outcome.failed;
  total.skipped.push(...outcome.skipped);
  total.failures.push(...outcome.failures);
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
  lines.push(
    `${outcome.failed ? 'FAILED' : 'ok    '} ${seconds} s  ${name}: ${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped.length} skipped`,
  );
}
const wanted = ([name]: Step): boolean => !only || name.includes(only);
const waiting = tools.filter(wanted);
const lane = async (): Promise<void> => {
  for (let step = waiting.shift(); step; step = waiting.shift()) await take(step);
};
await Promise.all(Array.from({ length: availableParallelism() }, lane));
for (const step of alone.filter(wanted)) await take(step);
process.stdout.write(`\n${lines.join('\n')}\n`);
for (const name of total.skipped) process.stdout.write(`skipped: ${name}\n`);
for (const failure of total.failures) process.stdout.write(`failed: ${failure}\n`);
process.exitCode = total.failed ? 1 : 0;
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
