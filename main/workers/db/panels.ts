/** The panels a reading worker gives out: built, or continued from the last one where the caller holds that. */
import type { Workspace } from '../../../db/index.ts';
import type { Panel, PanelUpdate } from '../panel.ts';
import type { TaskContext } from '../rpc.ts';
import { buildPanel, type GrowingPanel, type PanelRequest } from './panel-builder.ts';
import { continuePanel } from './panel-update.ts';

/** The newest panel of all securities. It is continued once and then forgotten: its spare memory can serve one successor only. */
let growing: { readonly dir: string; readonly last: GrowingPanel } | null = null;

export type PanelAnswer = { readonly panel: Panel } | { readonly update: PanelUpdate };

/** `have` are keys of panels that the caller holds. */
export function panelAnswer(
  ws: Workspace,
  { have, ...request }: PanelRequest & { readonly have: readonly string[] },
  context: TaskContext,
): PanelAnswer {
  const last = growing?.dir === ws.dir ? growing.last : null;
  if (last !== null && request.securities === null && have.includes(last.panel.key)) {
    const continued = continuePanel(ws, last, request);
    if (continued !== null) {
      growing = { dir: ws.dir, last: continued.grown };
      return { update: continued.update };
    }
  }
  const built = buildPanel(ws, request, context);
  if (request.securities === null && (last === null || request.revision >= last.request.revision)) growing = { dir: ws.dir, last: built };
  return { panel: built.panel };
}
