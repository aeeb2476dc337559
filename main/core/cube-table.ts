/** The methods of methods-cube.ts. */
import { join } from 'node:path';
import type { CUBE_METHODS } from '../contract/methods-cube.ts';
import { getCube } from './cube/get.ts';
import { exportMetrics, type CubeFormat } from './export.ts';
import type { Service } from './service/index.ts';
import type { CoreContext, Table } from './table.ts';

export function cubeTable({ current, files }: CoreContext, service: Service): Table<keyof typeof CUBE_METHODS> {
  return {
    'cube.export': async ({ names = 'wire', format, byYear, ...request }, hooks) => {
      const out = join(files.artifactFolder(), fileName(format, byYear === true));
      const { rows, file } = await exportMetrics(current(), { ...request, names, format, byYear, out, lineage: true }, hooks);
      return { rows, artifacts: [files.offer(file)] };
    },
    'cube.get': ({ names = 'wire', ...request }) => getCube(current(), { ...request, names }),
    'service.status': () => service.status(),
    'service.start': ({ port }) => service.start(port),
    'service.stop': () => service.stop(),
    'service.renew': () => service.renew(),
  };
}

/** A Zarr store and files by year are folders: they are offered as one zip file. */
function fileName(format: CubeFormat, byYear: boolean): string {
  if (format === 'zarr') return 'metrics.zarr.zip';
  return byYear ? 'metrics-by-year.zip' : `metrics.${format}`;
}
