/** What every screen shares: the workspace, what is looked at (date, run, snapshot, level), the route, and the connection. */
import { isSlow } from '../../main/contract/questions.ts';
import type { DamagedRun, OpenWorkspace, RunSummary, SnapshotRow } from '../../main/contract/results.ts';
import { ApiError, call, listen, showWorkspace, type Question } from './api.ts';
import { changesIn } from './changes.ts';
import { accountsOf, addressParts } from './choices.ts';
import { forgetEdits } from './edits.svelte.ts';
import { forgetEtfs } from './etfs.ts';
import { localToday } from './format.ts';
import { jobEvent, jobsSnapshot, onJobDone } from './jobs.svelte.ts';
import type { Loaded } from './loader.ts';
import { hearPreference, loadPreferences } from './preferences.svelte.ts';
import { together } from './together.ts';

const SCREENS = [
  'start',
  'today',
  'import',
  'book',
  'exposures',
  'risk',
  'attribution',
  'security',
  'hedge',
  'effectiveness',
  'scenarios',
  'health',
  'identities',
  'runs',
  'methodology',
  'settings',
] as const;
export type Screen = (typeof SCREENS)[number];

/** How much of a book the model covers, and how many positions that says nothing of. */
interface Coverage {
  readonly coverage: number | null;
  readonly unvalued: number;
}

export const app = $state({
  connected: true,
  /** null: none open. undefined: not known yet. */
  workspace: undefined as OpenWorkspace | null | undefined,
  runs: [] as readonly RunSummary[],
  damagedRuns: [] as readonly DamagedRun[],
  snapshots: [] as readonly SnapshotRow[],
  /** ISO day; '' = the latest. */
  date: '',
  /** '' = the latest run. */
  runId: '',
  snapshotId: null as number | null,
  /** null: all of them; '' is the account without a name. */
  account: null as string | null,
  level: 3 as 1 | 2 | 3,
  /** Of the book, told by the screen that shows it (`tellCoverage`); undefined where none does, null where the book has none. */
  coverage: undefined as Coverage | 'loading' | null | undefined,
  screen: 'start' as Screen,
  /** Second part of the address, e.g. a security id. */
  subject: '',
  /** Third part, e.g. a tab of the security screen. */
  detail: '',
  /** The security looked at last; '' = none yet. */
  security: '',
  /** Counts the changes told of: what a screen lists beside runs and snapshots (findings, order sets, backups) is asked for anew with it. */
  told: 0,
  /** ISO day by the user's clock; a program that stays open over night sees the next one begin. */
  today: localToday(),
});

/** Input every dated view sends; empty choices are left to the core. */
export function picked(): { runId?: string; date?: string } {
  return { ...(app.runId ? { runId: app.runId } : {}), ...(app.date ? { date: app.date } : {}) };
}

/** The holdings that are looked at; empty choices are left to the core. */
export function pickedHoldings(): { snapshotId?: number; account?: string } {
  return {
    ...(app.snapshotId === null ? {} : { snapshotId: app.snapshotId }),
    ...(app.account === null ? {} : { account: app.account }),
  };
}

export function pickedBook(): { runId?: string; date?: string; snapshotId?: number; account?: string; level: 1 | 2 | 3 } {
  return { ...picked(), ...pickedHoldings(), level: app.level };
}

/** Tells the context bar the coverage of the book that a screen loads. To be called while the screen is set up; `shows`: it has a book now. */
export function tellCoverage<T>(
  book: Pick<Loaded<T>, 'data' | 'error'>,
  view: (data: T) => Coverage,
  shows: () => boolean = () => true,
): void {
  $effect(() => {
    app.coverage = !shows() ? undefined : book.data !== undefined ? view(book.data) : book.error ? null : 'loading';
    return () => (app.coverage = undefined);
  });
}

/**
 * What loads something of the book loads it again when what it stands on changes, also by another window: the data, the runs, the desk rules,
 * and the day, on which prices and holdings are a day older.
 */
export function followBook(): void {
  void app.today;
  void [app.runs, app.damagedRuns, app.snapshots];
  void app.workspace?.revision;
  void app.workspace?.deskChanges;
}

/** Whether there is any run, be it a damaged one: then what cannot be shown says so itself. */
export const hasRuns = (): boolean => app.runs.length + app.damagedRuns.length > 0;

/** Loads something of the book; without holdings or a run there is nothing to ask for, and the screens say what is missing. */
export function ofBook<T>(load: (question: Question) => Promise<T>): (question: Question) => Promise<T> {
  followBook();
  if (app.snapshots.length > 0 && hasRuns()) return load;
  const error = {
    code: 'not_found',
    message: 'There is no book yet.',
    action: 'Import holdings and run the cascade.',
    retryable: false,
  } as const;
  return () => Promise.reject(new ApiError(error));
}

/** Address of a screen; plain links keep back, forward and middle-click working. */
export const href = (screen: Screen, subject: string | number = '', detail = ''): string =>
  `#/${[screen, ...[subject, detail].filter((part) => part !== '').map((part) => encodeURIComponent(part))].join('/')}`;

export function go(screen: Screen, subject: string | number = '', detail = ''): void {
  location.hash = href(screen, subject, detail);
  // The event comes a task later: until then the screen that is left would be drawn once more.
  readRoute();
}

/** Another subject of the screen that is shown, which nobody chose: the way back leads past it. */
export function turnTo(subject: string | number): void {
  history.replaceState(null, '', href(app.screen, subject));
  readRoute();
}

function readRoute(): void {
  const { screen, subject, detail } = addressParts(location.hash);
  app.screen = (SCREENS as readonly string[]).includes(screen) ? (screen as Screen) : 'start';
  app.subject = subject;
  app.detail = detail;
  if (app.screen === 'security' && app.subject !== '') app.security = app.subject;
}

/** Milliseconds in which several events are of one change: the end of a run, and the workspace that has it. */
const ONE_CHANGE = 20;

const leaving: (() => void)[] = [];

/** `forget` is called when another workspace is open than before, or none: what was kept of that one says nothing of this one. */
export const onLeave = (forget: () => void): void => void leaving.push(forget);

const leave = (): void => leaving.forEach((forget) => forget());

onLeave(forgetEdits);
onLeave(forgetEtfs);
onLeave(() => Object.assign(app, { date: '', runId: '', snapshotId: null, account: null, security: '' }));

/** Name under which a window keeps what it looks at. */
const LOOKED = 'hedgerow-looked-at';

/** What is looked at outlives a reload of the window, as the screen does by its address. To be called when any of it changes. */
export function keepLooked(): void {
  const { workspace, date, runId, snapshotId, account, level } = app;
  if (workspace)
    sessionStorage.setItem(LOOKED, JSON.stringify({ of: workspaceKey(workspace), looked: { date, runId, snapshotId, account, level } }));
}
const workspaceKey = ({ opened, name }: OpenWorkspace): string => `${opened} ${name}`;

function lookAgain(workspace: OpenWorkspace): void {
  const kept = JSON.parse(sessionStorage.getItem(LOOKED) ?? 'null') as { of: string; looked: object } | null;
  if (kept?.of === workspaceKey(workspace)) Object.assign(app, kept.looked);
}

const refreshing = together(load);

/**
 * Asks for the workspace and its lists anew; a different workspace resets what was looked at. What is as it was stays the same
 * object: a job that changed nothing (an export) makes no screen load again.
 */
export const refresh = (): Promise<void> => refreshing.ask();

/** Resolves when the lists are as jobs that have ended left them. */
export const refreshed = (): Promise<void> => refreshing.done();

async function load(): Promise<void> {
  const before = app.workspace?.opened;
  const workspace = await call('workspace.info', {}).catch(() => undefined);
  // Without an answer everything is taken to be as it was, and the connection says what is the matter.
  if (workspace === undefined && app.workspace) return;
  const kept = workspace?.opened === before ? app : { runs: [], damagedRuns: [], snapshots: [] };
  const [runs, damagedRuns, snapshots] = workspace
    ? await Promise.all([
        call('runs.list', {}, { of: workspace.opened }).catch(() => kept.runs),
        call('runs.damaged', {}, { of: workspace.opened }).catch(() => kept.damagedRuns),
        call('snapshots.list', {}, { of: workspace.opened }).catch(() => kept.snapshots),
      ])
    : [[], [], []];
  showWorkspace(workspace?.opened ?? null);
  if (before !== undefined && before !== workspace?.opened) leave();
  if (app.workspace === undefined && workspace) lookAgain(workspace);
  // What was chosen and is no more (deleted or taken back, also by another window) is not looked at.
  if (!runs.some(({ lineage }) => lineage.runId === app.runId)) app.runId = '';
  if (app.snapshotId !== null && !snapshots.some(({ snapshotId }) => snapshotId === app.snapshotId))
    Object.assign(app, { snapshotId: null, account: null });
  if (app.account !== null && !accountsOf(snapshots, app.snapshotId).includes(app.account)) app.account = null;
  // Field by field: what follows the revision need not hear that the file grew.
  if (app.workspace && workspace) Object.assign(app.workspace, changesIn(app.workspace, workspace));
  else app.workspace = workspace ?? null;
  const lists = { runs: app.runs, damagedRuns: app.damagedRuns, snapshots: app.snapshots };
  Object.assign(app, changesIn(lists, { runs, damagedRuns, snapshots }));
  app.told += 1;
}

/** Looks at the clock. */
function turnDay(): void {
  const today = localToday();
  if (today === app.today) return;
  app.today = today;
  app.told += 1;
}

/** Called once. */
export function begin(): void {
  readRoute();
  window.addEventListener('hashchange', readRoute);
  setInterval(turnDay, 60_000);
  // A window that was hidden, or a computer that slept, has missed ticks.
  window.addEventListener('focus', turnDay);
  void refresh();
  onJobDone(({ method }) => {
    // Another state of the workspace: its batches and files are others, whatever their numbers.
    if (method === 'backups.restore') leave();
    // A file that was only read has changed nothing yet, and neither has a question.
    if (method !== 'import.stage' && !isSlow(method)) void refreshing.ask(ONE_CHANGE);
  });
  void listen(
    (event) => {
      if (event.type === 'job') jobEvent(event.job);
      else if (event.type === 'preference') hearPreference(event.key, event.value);
      else void refreshing.ask(ONE_CHANGE);
    },
    (connected) => {
      // The first connection finds everything loading already; later ones may have missed events.
      if (connected && !app.connected) void Promise.all([refresh(), loadPreferences()]);
      app.connected = connected;
      if (connected) void jobsSnapshot();
    },
  );
}
