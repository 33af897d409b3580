import type { JobContext } from './port.ts';

/** The same context under another signal: what its repositories wait for ends with that one, too. */
export const withSignal = (context: JobContext, signal: AbortSignal): JobContext => ({
  ...context,
  signal,
  repository: async (place) => (await context.repository(place)).within(signal),
});
