/** Entry of the io worker. */
import { procedures } from './io/procedures.ts';
import { serve } from './rpc.ts';

serve(procedures);
