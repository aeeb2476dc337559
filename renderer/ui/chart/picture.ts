/** A chart as a PNG: what is drawn in its frame, under its title and read-out. */
import { token } from '../../lib/theme.svelte.ts';
import { cellText, type GridColumn } from '../grid.ts';

const MARGIN = 12;
const HEAD = 44;

/** Draws every canvas and SVG inside `box` where it stands. Resolves with base64, without the `data:` head. */
export async function pngOf(box: HTMLElement, title: string, readout: string): Promise<string> {
  const outer = box.getBoundingClientRect();
  const scale = Math.max(2, devicePixelRatio);
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil((outer.width + 2 * MARGIN) * scale);
  canvas.height = Math.ceil((outer.height + HEAD + MARGIN) * scale);
  const context = canvas.getContext('2d')!;
  context.scale(scale, scale);
  context.fillStyle = token('surface');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = token('text');
  context.font = '600 14px system-ui';
  context.fillText(title, MARGIN, 20);
  context.font = '12px system-ui';
  context.fillStyle = token('muted');
  context.fillText(readout, MARGIN, 37, outer.width);
  for (const element of box.querySelectorAll<HTMLCanvasElement | SVGSVGElement>('canvas, svg')) {
    const at = element.getBoundingClientRect();
    const source = element instanceof HTMLCanvasElement ? element : await imageOf(element, at);
    context.drawImage(source, at.left - outer.left + MARGIN, at.top - outer.top + HEAD, at.width, at.height);
  }
  // Words that stand beside the drawings, such as the names of small multiples.
  for (const element of box.querySelectorAll<HTMLElement>('[data-caption]')) {
    const at = element.getBoundingClientRect();
    context.fillStyle = token('text');
    context.fillText(element.innerText.replace(/\s+/g, ' '), at.left - outer.left + MARGIN, at.bottom - outer.top + HEAD - 4);
  }
  return canvas.toDataURL('image/png').slice('data:image/png;base64,'.length);
}

const CELL = { width: 86, height: 22 };
/** Rows and columns beyond make a picture nobody can read, and one that no canvas holds. */
const MOST = { rows: 400, columns: 60 };

/** A grid as a PNG: its texts on the ground of their marks (`heat-p2` is the token of that name). Answers base64. */
export function pngOfGrid<Row>(rows: readonly Row[], columns: readonly GridColumn<Row>[], title: string, readout: string): string {
  const [shown, across] = [rows.slice(0, MOST.rows), columns.slice(0, MOST.columns)];
  const left = [rows.length - shown.length, columns.length - across.length];
  const canvas = document.createElement('canvas');
  canvas.width = (across.length * CELL.width + 2 * MARGIN) * 2;
  canvas.height = ((shown.length + 1) * CELL.height + HEAD + MARGIN) * 2;
  const context = canvas.getContext('2d')!;
  context.scale(2, 2);
  context.fillStyle = token('surface');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = token('text');
  context.font = '600 14px system-ui';
  context.fillText(title, MARGIN, 20);
  context.font = '12px system-ui';
  context.fillStyle = token('muted');
  context.fillText(left.some((count) => count > 0) ? `${readout}; the first ${shown.length} × ${across.length}` : readout, MARGIN, 37);
  const write = (text: string, { numeric }: GridColumn<Row>, x: number, y: number): void => {
    context.textAlign = numeric ? 'right' : 'left';
    context.fillText(text, numeric ? x + CELL.width - 6 : x + 6, y + 15, CELL.width - 8);
  };
  across.forEach((column, c) => {
    const x = MARGIN + c * CELL.width;
    context.fillStyle = token('muted');
    write(column.label, column, x, HEAD);
    shown.forEach((row, r) => {
      const y = HEAD + (r + 1) * CELL.height;
      const mark = column.mark?.(row) ?? '';
      if (mark.startsWith('heat-')) {
        context.fillStyle = token(mark);
        context.fillRect(x, y, CELL.width, CELL.height);
        context.fillStyle = token(mark.endsWith('3') ? 'heat-ink-strong' : 'heat-ink');
      } else context.fillStyle = token('text');
      write(cellText(column, row), column, x, y);
    });
  });
  return canvas.toDataURL('image/png').slice('data:image/png;base64,'.length);
}

const STYLES = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font', 'text-anchor', 'opacity'];

/** A copy with its styles written out: outside the page its classes mean nothing. */
async function imageOf(svg: SVGSVGElement, { width, height }: DOMRect): Promise<HTMLImageElement> {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const own = svg.querySelectorAll('*');
  copy.querySelectorAll<SVGElement>('*').forEach((element, i) => {
    const style = getComputedStyle(own[i]!);
    for (const name of STYLES) element.setAttribute(name, style.getPropertyValue(name));
    // A font is no attribute of its own.
    element.setAttribute('font-size', style.fontSize);
    element.setAttribute('font-family', style.fontFamily);
    element.removeAttribute('class');
  });
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}
