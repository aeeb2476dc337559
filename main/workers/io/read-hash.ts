import { createHash } from 'node:crypto';
import { plainBytes } from './bytes.ts';

/** SHA-256 of a file from the very bytes that something else reads of it, from the beginning; what that left unread is read at the end. */
export class ReadHash {
  readonly #path: string;
  readonly #hash = createHash('sha256');
  /** Bytes hashed. */
  at = 0;

  constructor(path: string) {
    this.#path = path;
  }

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.at += bytes.length;
  }

  /** Reads what is left; `check` throws to stop. */
  addRest(check: () => void): void {
    for (const piece of plainBytes(this.#path, this.at)) {
      check();
      this.add(piece);
    }
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}
