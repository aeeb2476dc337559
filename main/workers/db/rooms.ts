/** Rooms for the returns of panels, in shared memory: fresh memory costs more than to form what is put there. */
import type { FormedReturns } from './security-inputs.ts';

interface KeptFund {
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

/** Memory of the rooms that small panels share: the funds of a market and a few hundred securities over ten years. */
const SHARED_BYTES = 8 * 2 ** 20;
/** Series of a panel that shares rooms, at most. */
const FEW_SERIES = 32;
/** By basis, the one asked for latest last: two are asked about in turn when one is compared with the other. */
const shared = new Map<string, Rooms>();
const KEPT_BASES = 2;

/** Room for `wanted` series of a panel. Small panels of one basis, which decides every return, lie side by side with their funds in common. */
export function roomsFor(basis: string, nRows: number, wanted: number): Rooms {
  if (wanted > FEW_SERIES) return createRooms(wanted, nRows);
  const count = Math.max(2 * FEW_SERIES, Math.floor(SHARED_BYTES / (nRows * 8)));
  const held = shared.get(basis);
  const rooms = held && held.used + wanted <= count ? held : createRooms(count, nRows);
  shared.delete(basis);
  shared.set(basis, rooms);
  if (shared.size > KEPT_BASES) shared.delete(shared.keys().next().value!);
  return rooms;
}
