/** Lets so many in at once, first come first served. */
export interface Gate {
  /** Does the work once there is room, and makes room when it ends, in whatever way. */
  pass<T>(work: () => Promise<T>): Promise<T>;
}

export function createGate(room: number): Gate {
  const waiting: (() => void)[] = [];
  let inside = 0;
  const leave = (): void => {
    const next = waiting.shift();
    // Whoever waits takes over the place, so that nobody slips in between.
    if (next === undefined) inside -= 1;
    else next();
  };
  return {
    async pass(work) {
      if (inside < room) inside += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
