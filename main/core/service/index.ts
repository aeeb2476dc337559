/** The read-only interface as the rest of the core switches it. */
import type { ServiceStatus } from '../../contract/methods-cube.ts';
import type { Session } from '../session.ts';
import { startService, type ServiceServer } from './server.ts';
import { newToken, readServiceSettings, writeServiceSettings } from './settings.ts';

export interface Service {
  status(): ServiceStatus;
  /** Starts it now, and with the program until it is stopped. Rejects with io when the port is taken. */
  start(port?: number): Promise<ServiceStatus>;
  stop(): Promise<ServiceStatus>;
  renew(): ServiceStatus;
  /** Starts it when it was left switched on; a port that is taken leaves it off. */
  resume(): Promise<void>;
  close(): Promise<void>;
}

export function createService(home: string, version: string, session: () => Session): Service {
  let server: ServiceServer | null = null;
  const settings = () => readServiceSettings(home);

  function status(): ServiceStatus {
    const { port, token } = settings();
    return { running: server !== null, address: server?.address ?? null, port, token };
  }

  async function close(): Promise<void> {
    const open = server;
    server = null;
    await open?.close();
  }

  async function start(port = settings().port): Promise<ServiceStatus> {
    await close();
    server = await startService({ port, token: () => settings().token, session, version });
    writeServiceSettings(home, { ...settings(), enabled: true, port });
    return status();
  }

  return {
    status,
    start,
    async stop() {
      await close();
      writeServiceSettings(home, { ...settings(), enabled: false });
      return status();
    },
    renew() {
      writeServiceSettings(home, { ...settings(), token: newToken() });
      return status();
    },
    async resume() {
      if (settings().enabled) await start().catch(() => undefined);
    },
    close,
  };
}
