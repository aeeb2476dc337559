/** Where the window stood last, kept beside the workspaces. A damaged file, or a screen that is gone, is a fresh start. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { screen, type BrowserWindow, type Rectangle } from 'electron';

interface WindowState {
  readonly bounds: Partial<Rectangle>;
  readonly maximized: boolean;
  readonly fullScreen: boolean;
}

const FRESH: WindowState = { bounds: {}, maximized: false, fullScreen: false };
const fileOf = (home: string): string => join(home, 'window.json');

export function rememberedState(home: string): WindowState {
  try {
    const stored = JSON.parse(readFileSync(fileOf(home), 'utf8')) as Partial<WindowState>;
    const { x, y, width, height } = stored.bounds as Rectangle;
    if (![x, y, width, height].every(Number.isFinite)) return FRESH;
    const bounds = { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
    const area = screen.getDisplayMatching(bounds).workArea;
    const visible = x < area.x + area.width && x + width > area.x && y >= area.y && y < area.y + area.height;
    return { bounds: visible ? bounds : {}, maximized: stored.maximized === true, fullScreen: stored.fullScreen === true };
  } catch {
    return FRESH;
  }
}

export function rememberState(home: string, window: BrowserWindow): void {
  const state: WindowState = { bounds: window.getNormalBounds(), maximized: window.isMaximized(), fullScreen: window.isFullScreen() };
  mkdirSync(home, { recursive: true });
  const file = fileOf(home);
  writeFileSync(`${file}.tmp`, JSON.stringify(state));
  renameSync(`${file}.tmp`, file);
}
