/** Entry of a compute worker. */
import { procedures } from './compute/procedures.ts';
import { serve } from './rpc.ts';

serve(procedures, { together: true });
