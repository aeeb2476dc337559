/** uPlot as every chart of days uses it. */
import { dayTicks } from './days.ts';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { token } from '../../lib/theme.svelte.ts';

interface PlotLine {
  readonly values: ArrayLike<number | null>;
  /** Token of its colour. */
  readonly colour: string;
  readonly width?: number;
  /** Rows drawn dashed: the value rests on few rows. */
  readonly weak?: (row: number) => boolean;
  /** Dashed from end to end: told apart from the others without its colour. */
  readonly dashed?: boolean;
}

/** The space between two columns, in the colour of a line. */
export interface PlotBand {
  readonly upper: ArrayLike<number | null>;
  readonly lower: ArrayLike<number | null>;
  readonly colour: string;
  /** Two hex digits. */
  readonly alpha: string;
}

export interface PlotMarker {
  readonly day: number;
  /** `line`: a dashed line through the plot; `tick`: a mark at its foot; `peak`: a triangle at its foot. */
  readonly shape: 'line' | 'tick' | 'peak';
}

export interface PlotData {
  readonly days: ArrayLike<number>;
  readonly lines: readonly PlotLine[];
  readonly bands?: readonly PlotBand[];
  readonly markers?: readonly PlotMarker[];
  readonly text: (value: number) => string;
  /** Width of the value axis, pixels. */
  readonly axis?: number;
  readonly zero?: boolean;
}

type Column = (number | null)[];

/** uPlot takes null for a gap, not NaN. */
const gaps = (values: ArrayLike<number | null>): Column => Array.from(values, (value) => (Number.isFinite(value) ? value : null));

/** A line as a solid and a dashed column; they share the rows where they meet. */
function split({ values, weak }: PlotLine): [Column, Column | null] {
  const all = gaps(values);
  if (!weak || !all.some((value, row) => value !== null && weak(row))) return [all, null];
  const solid = all.map((value, row) => (weak(row) ? null : value));
  const dashed = all.map((value, row) => (weak(row) || weak(row + 1) || (row > 0 && weak(row - 1)) ? value : null));
  return [solid, dashed];
}

export function drawPlot(
  target: HTMLElement,
  data: PlotData,
  size: { width: number; height: number },
  onrow: (row: number) => void,
): uPlot {
  const series: uPlot.Series[] = [{}];
  const columns: Column[] = [];
  // The value axis has room for the edges of bands; they are no lines of their own.
  const edge: uPlot.Series = { paths: () => null, points: { show: false } };
  for (const { upper, lower } of data.bands ?? []) {
    series.push(edge, edge);
    columns.push(gaps(upper), gaps(lower));
  }
  for (const line of data.lines) {
    const [solid, dashed] = split(line);
    const style: uPlot.Series = {
      stroke: token(line.colour),
      width: line.width ?? 1.5,
      points: { show: false },
      ...(line.dashed ? { dash: [7, 4] } : {}),
    };
    series.push(style);
    columns.push(solid);
    if (dashed) {
      series.push({ ...style, dash: [3, 3] });
      columns.push(dashed);
    }
  }
  const axis = {
    stroke: token('muted'),
    grid: { stroke: token('line'), width: 1 },
    ticks: { stroke: token('line'), size: 4 },
    font: '11px system-ui',
  };
  const options: uPlot.Options = {
    ...size,
    legend: { show: false },
    padding: [6, 8, 0, 0],
    cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
    scales: { x: { time: true } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
    axes: [
      { ...axis, size: 26, values: (_plot, ticks) => dayTicks(ticks) },
      {
        ...axis,
        // As wide as its longest text, so that no minus sign is cut off.
        size: (_plot: uPlot, texts: string[] | null) =>
          Math.max(data.axis ?? 40, 14 + 6.4 * Math.max(0, ...(texts ?? []).map((text) => text.length))),
        values: (_plot, ticks) => ticks.map(data.text),
      },
    ],
    series,
    hooks: {
      setCursor: [
        (self) => {
          const row = self.cursor.idx;
          // Only a pointer moves the shared day; moves made by keys come from it.
          if (row !== null && row !== undefined && self.cursor.event) onrow(row);
        },
      ],
      drawAxes: [...(data.zero ? [drawZero] : []), ...(data.bands ?? []).map((band) => (self: uPlot) => drawBand(self, data.days, band))],
      draw: data.markers?.length ? [(self) => drawMarkers(self, data.markers!)] : [],
    },
  };
  const seconds = Array.from(data.days, (day) => day * 86_400);
  return new uPlot(options, [seconds, ...columns], target);
}

/** Every stretch of days that has both edges as one area: cheaper by far than uPlot's bands, which cut the area out by the lower edge. */
function drawBand({ ctx, bbox, valToPos }: uPlot, days: ArrayLike<number>, { upper, lower, colour, alpha }: PlotBand): void {
  const to = (row: number, edge: ArrayLike<number | null>): [number, number] => [
    valToPos(days[row]! * 86_400, 'x', true),
    valToPos(edge[row]!, 'y', true),
  ];
  const has = (row: number): boolean => Number.isFinite(upper[row]) && Number.isFinite(lower[row]);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = `${token(colour)}${alpha}`;
  ctx.beginPath();
  for (let first = 0; first < days.length; first++) {
    if (!has(first)) continue;
    let last = first;
    while (last + 1 < days.length && has(last + 1)) last += 1;
    ctx.moveTo(...to(first, upper));
    for (let row = first + 1; row <= last; row++) ctx.lineTo(...to(row, upper));
    for (let row = last; row >= first; row--) ctx.lineTo(...to(row, lower));
    ctx.closePath();
    first = last;
  }
  ctx.fill();
  ctx.restore();
}

function drawZero({ ctx, bbox, valToPos }: uPlot): void {
  const y = Math.round(valToPos(0, 'y', true));
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.save();
  ctx.strokeStyle = token('muted');
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

function drawMarkers({ ctx, bbox, valToPos }: uPlot, markers: readonly PlotMarker[]): void {
  const foot = bbox.top + bbox.height;
  const unit = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = token('muted');
  ctx.lineWidth = unit;
  for (const { day, shape } of markers) {
    const x = Math.round(valToPos(day * 86_400, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.setLineDash(shape === 'line' ? [4 * unit, 3 * unit] : []);
    if (shape === 'peak') {
      ctx.moveTo(x, foot - 9 * unit);
      ctx.lineTo(x + 4 * unit, foot - unit);
      ctx.lineTo(x - 4 * unit, foot - unit);
      ctx.fill();
    } else {
      ctx.moveTo(x, shape === 'line' ? bbox.top : foot - 5 * unit);
      ctx.lineTo(x, foot);
      ctx.stroke();
    }
  }
  ctx.restore();
}
