/** Entry of a db worker; `workerData.mode` says whether it writes, reads, or works on workspace folders as a whole. */
import { workerData } from 'node:worker_threads';
import { folderProcedures } from './db/folder.ts';
import { procedures } from './db/procedures.ts';
import { serve } from './rpc.ts';

serve((workerData as { mode: string }).mode === 'folder' ? folderProcedures : procedures);
