/** The contract from the page's side. Same calls in both shells; the browser shell additionally wants its session secret. */
import type { ShellBridge } from '../../main/contract/bridge.ts';
import type { ErrorData } from '../../main/contract/errors.ts';
import { decodeFrame } from '../../main/contract/frame.ts';
import type { Columns, CoreEvent, Input, Method, METHODS, Output } from '../../main/contract/methods.ts';
import { QUESTION_HEADER } from '../../main/contract/questions.ts';
import { isOfProgram, SHOWN_HEADER } from '../../main/contract/shown.ts';

type MethodOf<Kind extends string> = { [M in Method]: (typeof METHODS)[M]['kind'] extends Kind ? M : never }[Method];
export type CallMethod = MethodOf<'call'>;
export type JobMethod = MethodOf<'job'>;

declare global {
  interface Window {
    readonly hedgerow?: ShellBridge;
  }
}

/** Native dialogs, where the shell has them. */
export const bridge: ShellBridge | undefined = window.hedgerow;

const SECRET = 'hedgerow-session';
/** Launch code and a word of this page's own, until they are traded: a page that is reloaded meanwhile asks once more with both. */
const CLAIM = 'hedgerow-claim';
let secret = sessionStorage.getItem(SECRET);

const newNonce = (): string => [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export class ApiError extends Error {
  readonly data: ErrorData;
  constructor(data: ErrorData) {
    super(data.message);
    this.data = data;
  }
}

/** Any failure as catalogue data. */
export function errorData(error: unknown): ErrorData {
  if (error instanceof ApiError) return error.data;
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message, action: 'Try again; if it happens again, report it with the steps.', retryable: true };
}

/** Trades the launch code of the address for the session secret. Returns why this page may not talk to the program, or null. */
export async function openSession(): Promise<string | null> {
  if (bridge) return null;
  const code = /^#launch=([\w-]+)$/.exec(location.hash)?.[1];
  if (code) {
    sessionStorage.setItem(CLAIM, `${code} ${newNonce()}`);
    history.replaceState(null, '', '/');
  }
  const claim = sessionStorage.getItem(CLAIM);
  if (!claim) return secret ? null : 'This address was not opened by Hedgerow. Start Hedgerow again.';
  const response = await fetch('/session', { method: 'POST', body: claim });
  const answer = await response.text();
  sessionStorage.removeItem(CLAIM);
  if (!response.ok) return answer;
  secret = answer;
  sessionStorage.setItem(SECRET, answer);
  return null;
}

/** Address of one more window of this session (browser shell). */
export async function newWindowAddress(): Promise<string> {
  const response = await fetch('/session/next', { method: 'POST', headers: { 'x-hedgerow-session': secret ?? '' } });
  const answer = await response.text();
  if (!response.ok) throw new ApiError({ code: 'usage', message: answer, action: 'Close some windows.', retryable: false });
  return answer;
}

async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (secret) headers.set('x-hedgerow-session', secret);
  let response: Response;
  try {
    response = await fetch(`/api/${path}`, { ...init, headers });
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new ApiError({
      code: 'io',
      message: 'Hedgerow does not answer.',
      action: 'Start it again; saved data is safe.',
      retryable: true,
    });
  }
  if (response.ok) return response;
  const body = (await response.json().catch(() => null)) as { error?: ErrorData } | null;
  throw new ApiError(
    body?.error ?? { code: 'internal', message: `The program answered ${response.status}.`, action: 'Try again.', retryable: true },
  );
}

/** `opened` of the workspace on the screen; null: none is. */
let shown: number | null = null;

export const shownWorkspace = (): number | null => shown;
export const showWorkspace = (opened: number | null): void => void (shown = opened);

/** What a screen asks for: an answer that takes long is a job of this name, and nobody waits for it once the signal says so. */
export interface Question {
  readonly name: string;
  readonly signal: AbortSignal;
}

/** `of`: `opened` of the workspace that is asked, where it is not the one that is shown. */
type Asking = Partial<Question> & { readonly of?: number };

function post(method: Method, input: unknown, { name, signal, of }: Asking = {}): Promise<Response> {
  const headers = new Headers({ 'content-type': 'application/json' });
  const workspace = of ?? shown;
  if (workspace !== null && !isOfProgram(method)) headers.set(SHOWN_HEADER, String(workspace));
  if (name !== undefined) headers.set(QUESTION_HEADER, name);
  return request(method, { method: 'POST', body: JSON.stringify(input), headers, ...(signal && { signal }) });
}

/** Rejects with `blocked` when the workspace that is asked is not open any more. */
export async function call<M extends CallMethod>(method: M, input: Input<M>, asking?: Asking): Promise<Output[M]> {
  return (await (await post(method, input, asking)).json()) as Output[M];
}

/** Starts a job; `jobs.ts` waits for it. */
export async function start<M extends JobMethod>(method: M, input: Input<M>): Promise<number> {
  return ((await (await post(method, input)).json()) as { jobId: number }).jobId;
}

export async function columns<M extends MethodOf<'columns'>>(method: M, input: Input<M>, question?: Question): Promise<Columns> {
  return decodeFrame(await (await post(method, input, question)).arrayBuffer());
}

/** Streams a chosen or dropped file to the program; returns its handle. */
export async function upload(file: File, signal?: AbortSignal): Promise<string> {
  // The window's protocol takes bytes, not a reference to a file; what comes this way there is small (a paste): files come by path.
  const body = bridge ? await file.arrayBuffer() : file;
  const init: RequestInit = { method: 'POST', body, headers: { 'content-type': 'application/octet-stream' } };
  if (signal) init.signal = signal;
  const response = await request(`upload?name=${encodeURIComponent(file.name)}`, init);
  return ((await response.json()) as { handle: string }).handle;
}

/** Saves finished files: through the native dialog, or as downloads. Returns false when dismissed. */
export async function saveArtifacts(artifacts: readonly { artifactId: string; name: string }[]): Promise<boolean> {
  if (bridge) return bridge.saveArtifacts(artifacts.map((artifact) => artifact.artifactId));
  for (const { artifactId, name } of artifacts) {
    const url = URL.createObjectURL(await (await request(`artifact/${artifactId}`)).blob());
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
  return true;
}

/** Saves text made by a screen the same way. */
export async function saveText(name: string, text: string): Promise<boolean> {
  return saveArtifacts([await call('files.offer', { name, text })]);
}

/** Listens for events until the page goes; reconnects. `onConnection(true)` is the moment to ask for the state anew. */
export async function listen(onEvent: (event: CoreEvent) => void, onConnection: (connected: boolean) => void): Promise<never> {
  while (true) {
    try {
      const response = await request('events');
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      onConnection(true);
      let rest = '';
      while (true) {
        const { done, value } = await reader.read();
        if (done) break;
        const messages = (rest + value).split('\n\n');
        rest = messages.pop() ?? '';
        for (const message of messages) if (message.startsWith('data: ')) onEvent(JSON.parse(message.slice(6)) as CoreEvent);
      }
    } catch {
      // Said by onConnection below; the next round tries again.
    }
    onConnection(false);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
