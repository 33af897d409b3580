import { inspect } from 'node:util';

/** A value that cannot print itself: in logs, JSON, templates and errors it is `[secret]`. */
export interface Secret {
  /** The plain value. Call it only where it goes onto the wire. */
  reveal(): string;
}

export const REDACTED = '[secret]';

export function secret(value: string): Secret {
  const shown = (): string => REDACTED;
  return Object.freeze({ reveal: () => value, toJSON: shown, toString: shown, [inspect.custom]: shown });
}
