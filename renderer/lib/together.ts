/** Work that several ask for at once, such as asking for the lists anew: who asks before it begins shares it. */
export interface Together {
  /** Resolves when the work has been done, begun after this call and after `pause` milliseconds: further callers may come meanwhile. */
  ask(pause?: number): Promise<void>;
  /** Resolves when all that has been asked for is done. */
  done(): Promise<void>;
}

/** `work` is never done twice at the same time; a failure of it is told to those who asked for it. */
export function together(work: () => Promise<void>): Together {
  let going = Promise.resolve();
  let next: Promise<void> | null = null;
  return {
    ask(pause = 0) {
      const paused = pause > 0 ? new Promise<void>((resolve) => setTimeout(resolve, pause)) : null;
      return (next ??= Promise.allSettled([going, paused]).then(() => {
        next = null;
        return (going = work());
      }));
    },
    done: () => next ?? going,
  };
}
