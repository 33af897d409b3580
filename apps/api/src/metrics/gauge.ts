import { Gauge, type Registry } from 'prom-client';

export const gauge = <Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Gauge<Label> => new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });

/** Reads first and then replaces all values at once: two scrapes at a time cannot mix theirs. */
export const replace = (gauges: readonly Gauge[]): void => gauges.forEach((one) => one.reset());
