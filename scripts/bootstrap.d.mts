/** True when node_modules of this clone holds every package of its lock file in its version. */
export function packagesFit(root: string): boolean;
/** Runs a TypeScript file in this process as if it had been started with `args`. */
export function bootstrap(file: string, args: readonly string[]): Promise<void>;
