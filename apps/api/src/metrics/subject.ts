import { Gauge, type Registry } from 'prom-client';

/** One subject of the metrics. */
export interface Subject {
  readonly name: string;
  readonly gauges: readonly Gauge[];
  /** Reads what there is now; the answer puts it into the gauges, which are empty then, all at once. */
  read(): Promise<() => void>;
}

export const gauge = <Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Gauge<Label> => new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });

/** Takes all values away. A gauge without labels would else show 0, which says something that nobody knows. */
export function clear(gauges: readonly Gauge[]): void {
  for (const one of gauges) {
    one.reset();
    one.remove({});
  }
}
