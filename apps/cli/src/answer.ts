/** What a command has to say: one JSON value for programs, a text for people, and whether all is well. */
export interface Answer {
  readonly json: unknown;
  /** Ends with a line break, or is empty. */
  readonly text: string;
  /** False where the command worked but what it found is bad (a damaged backup): exit code 1. */
  readonly ok: boolean;
}

export const answer = (json: unknown, text: string, ok = true): Answer => ({ json, text, ok });

/** The exit codes, as every help page tells them. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

export const EXIT_HELP = `Exit codes:
    0  done, and true
    1  failed, damaged or unknown
    2  the command line or the configuration is wrong: nothing was tried
  130  stopped by Ctrl-C (143: by SIGTERM)`;
