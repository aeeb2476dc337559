/** Who is at the machine. */
import { userInfo } from 'node:os';

/** The account of this machine's user: who does something unless another name is given. */
export function userName(): string {
  try {
    return userInfo().username || 'unknown';
  } catch {
    return 'unknown';
  }
}
