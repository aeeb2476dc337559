/** serve. */
import { randomBytes } from 'node:crypto';
import { startService } from '../core/service/server.ts';
import { withSession } from '../core/session.ts';
import { parseWords, usage } from './arguments.ts';
import type { Command } from './commands.ts';

export const serveCommand: Command = {
  help: 'serve [--port N] [--token TOKEN]   answers scripts on 127.0.0.1, read-only, until interrupted',
  async run({ workspace, words, environment, terminal }) {
    const w = parseWords(words, { port: { type: 'string' }, token: { type: 'string' } }, { min: 0, max: 0, names: '' });
    const port = w.number('port') ?? 0;
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw usage('--port takes a port number.');
    const token = w.text('token') ?? `hr_${randomBytes(24).toString('base64url')}`;
    if (!/^\S{16,200}$/.test(token)) throw usage('--token takes at least 16 characters without spaces.');
    return withSession(environment, workspace, async (session) => {
      const server = await startService({ port, token: () => token, session: () => session, version: environment.softwareVersion });
      terminal.note(`${server.address} (read-only; Ctrl+C ends it)`);
      terminal.note(`Authorization: Bearer ${token}`);
      await new Promise<void>((resolve) => {
        if (terminal.signal.aborted) resolve();
        else terminal.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await server.close();
      return { value: { address: server.address }, text: () => 'Ended.' };
    });
  },
};
