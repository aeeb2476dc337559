/** Rooms for the returns of panels, in shared memory: fresh memory costs more than to form what is put there. */
import type { FormedReturns } from './security-inputs.ts';

export interface KeptFund {
  readonly room: number;
  readonly epochs: FormedReturns['returns']['epochs'];
  readonly gone: FormedReturns['gone'];
}

export interface Rooms {
  readonly returns: Float64Array;
  /** Rows of a room. */
  readonly stride: number;
  /** Rooms in use. What is in one never changes. */
  used: number;
  /** Funds that have a room already: every security of a chain asks for the same ones. */
  readonly funds: Map<number, KeptFund>;
}

export function createRooms(count: number, stride: number): Rooms {
  return { returns: new Float64Array(new SharedArrayBuffer(Math.max(1, count) * stride * 8)), stride, used: 0, funds: new Map() };
}

/** Rooms that small panels share: the funds of a market and a few hundred securities. What is not used costs no memory. */
const SHARED = 512;
/** Series of a panel that shares rooms. */
const FEW = 32;
let shared: { readonly basis: string; readonly rooms: Rooms } | null = null;

/** Room for `wanted` series of a panel. Small panels of one basis, which decides every return, lie side by side with their funds in common. */
export function roomsFor(basis: string, nRows: number, wanted: number): Rooms {
  if (wanted > FEW) return createRooms(wanted, nRows);
  if (shared?.basis !== basis || shared.rooms.used + wanted > SHARED) shared = { basis, rooms: createRooms(SHARED, nRows) };
  return shared.rooms;
}
