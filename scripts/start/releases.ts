/** What was acquired, to be released in reverse order, once. */
export interface Releases {
  add(name: string, release: () => void | Promise<void>): void;
  /** Releases all, even when some of them fail; then throws the first failure. */
  all(): Promise<void>;
}

export function createReleases(): Releases {
  const held: { name: string; release: () => void | Promise<void> }[] = [];
  return {
    add: (name, release) => held.push({ name, release }),
    all: async () => {
      const failures: Error[] = [];
      for (let one = held.pop(); one !== undefined; one = held.pop()) {
        try {
          await one.release();
        } catch (cause) {
          failures.push(new Error(`${one.name} could not be stopped`, { cause }));
        }
      }
      if (failures[0] !== undefined) throw failures[0];
    },
  };
}
