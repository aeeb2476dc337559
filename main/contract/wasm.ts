/** The part of the runtime's WebAssembly that is used; the common environment declares none of it. */

export interface Memory {
  readonly buffer: ArrayBuffer;
}

interface Runtime {
  readonly atob: (text: string) => string;
  readonly WebAssembly: {
    validate(bytes: Uint8Array): boolean;
    Module: new (bytes: Uint8Array) => object;
    Memory: new (size: { initial: number; maximum: number }) => Memory;
    Instance: new (module: object, imports: { env: object }) => { readonly exports: unknown };
  };
}

/** Compiles a module given as base64; null where the runtime has no WebAssembly or not the SIMD it needs. */
export function compileModule(base64: string): object | null {
  const { WebAssembly, atob } = globalThis as unknown as Partial<Runtime>;
  if (WebAssembly === undefined || atob === undefined) return null;
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
}

/** An instance on a memory of its own that never grows, with the functions it calls; null where the runtime refuses the memory. */
export function instantiate(
  module: object,
  pages: number,
  functions: object = {},
): { readonly memory: Memory; readonly exports: unknown } | null {
  const { WebAssembly } = globalThis as unknown as Runtime;
  let memory: Memory;
  try {
    memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch {
    return null;
  }
  return { memory, exports: new WebAssembly.Instance(module, { env: { memory, ...functions } }).exports };
}
