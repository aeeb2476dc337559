import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const here = import.meta.dirname;
const css = readFileSync(join(here, 'tokens.css'), 'utf8');
type Rgb = readonly [number, number, number];

function theme(name: string): Record<string, Rgb> {
  const block = new RegExp(`\\[data-theme='${name}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
  const tokens: Record<string, Rgb> = {};
  for (const [, token, r, g, b] of block.matchAll(/--([\w-]+): #(\w\w)(\w\w)(\w\w);/g))
    tokens[token!] = [parseInt(r!, 16), parseInt(g!, 16), parseInt(b!, 16)];
  return tokens;
}

const linear = (channel: number): number => {
  const c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};
const luminance = ([r, g, b]: Rgb): number => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
const contrast = (a: Rgb, b: Rgb): number => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

function lab([r, g, b]: Rgb): Rgb {
  const [R, G, B] = [linear(r), linear(g), linear(b)];
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const x = f((0.4124564 * R + 0.3575761 * G + 0.1804375 * B) / 0.95047);
  const y = f(0.2126729 * R + 0.7151522 * G + 0.072175 * B);
  const z = f((0.0193339 * R + 0.119192 * G + 0.9503041 * B) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** CIEDE2000 of two sRGB colours. */
function deltaE(first: Rgb, second: Rgb): number {
  const [l1, a1, b1] = lab(first);
  const [l2, a2, b2] = lab(second);
  const rad = Math.PI / 180;
  const meanC = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const g = 0.5 * (1 - Math.sqrt(meanC ** 7 / (meanC ** 7 + 25 ** 7)));
  const [p1, p2] = [a1 * (1 + g), a2 * (1 + g)];
  const [c1, c2] = [Math.hypot(p1, b1), Math.hypot(p2, b2)];
  const hue = (b: number, a: number): number => (Math.atan2(b, a) / rad + 360) % 360;
  const [h1, h2] = [hue(b1, p1), hue(b2, p2)];
  let dh = c1 * c2 === 0 ? 0 : h2 - h1;
  if (dh > 180) dh -= 360;
  if (dh < -180) dh += 360;
  const [dL, dC, dH] = [l2 - l1, c2 - c1, 2 * Math.sqrt(c1 * c2) * Math.sin((dh / 2) * rad)];
  const [L, C] = [(l1 + l2) / 2, (c1 + c2) / 2];
  const far = Math.abs(h1 - h2) > 180;
  const H = c1 * c2 === 0 ? h1 + h2 : far ? (h1 + h2 + (h1 + h2 < 360 ? 360 : -360)) / 2 : (h1 + h2) / 2;
  const t =
    1 -
    0.17 * Math.cos((H - 30) * rad) +
    0.24 * Math.cos(2 * H * rad) +
    0.32 * Math.cos((3 * H + 6) * rad) -
    0.2 * Math.cos((4 * H - 63) * rad);
  const sL = 1 + (0.015 * (L - 50) ** 2) / Math.sqrt(20 + (L - 50) ** 2);
  const [sC, sH] = [1 + 0.045 * C, 1 + 0.015 * C * t];
  const rT = -2 * Math.sqrt(C ** 7 / (C ** 7 + 25 ** 7)) * Math.sin(60 * Math.exp(-(((H - 275) / 25) ** 2)) * rad);
  return Math.sqrt((dL / sL) ** 2 + (dC / sC) ** 2 + (dH / sH) ** 2 + rT * (dC / sC) * (dH / sH));
}

const TEXT = ['text', 'muted', 'positive', 'negative', 'warn', 'error', 'focus'];
const MARKS = ['layer-1', 'layer-2', 'layer-3', 'layer-residual'];

describe.each(['light', 'dark'])('%s theme', (name) => {
  const tokens = theme(name);
  const surfaces = [tokens['surface']!, tokens['surface-2']!];

  it('holds text at 4.5:1 and marks at 3:1 on both surfaces', () => {
    for (const surface of surfaces) {
      for (const token of TEXT) expect(contrast(tokens[token]!, surface), token).toBeGreaterThanOrEqual(4.5);
    }
    for (const token of MARKS) expect(contrast(tokens[token]!, surfaces[0]!), token).toBeGreaterThanOrEqual(3);
    expect(contrast(tokens['on-accent']!, tokens['focus']!)).toBeGreaterThanOrEqual(4.5);
  });

  it('keeps layers apart by at least 15 ΔE2000', () => {
    for (const [i, a] of MARKS.entries()) {
      for (const b of MARKS.slice(i + 1)) expect(deltaE(tokens[a]!, tokens[b]!), `${a} ${b}`).toBeGreaterThanOrEqual(15);
    }
  });
});

it('prints heatmap numbers at 4.5:1 on every step, and keeps neighbouring steps apart', () => {
  const heat: Record<string, Rgb> = {};
  for (const [, token, r, g, b] of css.matchAll(/--(heat-[\w-]+): #(\w\w)(\w\w)(\w\w);/g))
    heat[token!] = [parseInt(r!, 16), parseInt(g!, 16), parseInt(b!, 16)];
  const steps = ['p3', 'p2', 'p1', '0', 'n1', 'n2', 'n3'].map((step) => heat[`heat-${step}`]!);
  for (const [i, step] of steps.entries()) {
    const ink = heat[i === 0 || i === 6 ? 'heat-ink-strong' : 'heat-ink']!;
    expect(contrast(ink, step), `step ${i}`).toBeGreaterThanOrEqual(4.5);
    if (i > 0) expect(deltaE(step, steps[i - 1]!), `steps ${i - 1} ${i}`).toBeGreaterThanOrEqual(15);
  }
});

it('measures a published pair right', () => {
  // White to black is exactly 100 in CIEDE2000, and contrast 21.
  expect(deltaE([255, 255, 255], [0, 0, 0])).toBeCloseTo(100, 3);
  expect(contrast([255, 255, 255], [0, 0, 0])).toBeCloseTo(21, 6);
});

it('has no colour outside the token file', () => {
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (/\.(svelte|css|ts|svg|html)$/.test(entry.name) && !/tokens\.(css|test\.ts)$/.test(entry.name)) {
        const text = readFileSync(path, 'utf8');
        expect(text.match(/#[0-9a-f]{6}\b|#[0-9a-f]{3}\b(?=[;,)\s'"])|\b(?:rgba?|hsla?|oklch)\(/gi), path).toBeNull();
        expect(text.includes('{@html'), path).toBe(false);
      }
    }
  };
  visit(join(here, '..'));
});
