import type { HealthFinding } from '@milvault/alerts';
import { toErrorRecord } from '@milvault/shared';

/** What a look at one part of the set-up found, for people. */
export interface Diagnosis {
  /** The part of the set-up: `redis`, `source`, `plan`, … */
  readonly part: string;
  /** Name of the source, plan, …; '' where there is but one. */
  readonly subject: string;
  /** `doubt`: it works, and somebody may regret it. `bad`: backups fail, or are not taken, or nobody is told. */
  readonly state: 'ok' | 'doubt' | 'bad';
  readonly what: string;
  /** What to do; empty where all is well. */
  readonly next: string;
}

/** Says what was found of one subject. */
export interface Examiner {
  ok(what: string): Diagnosis;
  doubt(what: string, next: string): Diagnosis;
  bad(what: string, next: string): Diagnosis;
  /** A thrown value, in the words that it brings. */
  fault(thrown: unknown): Diagnosis;
  /** What a health check would tell. */
  finding(finding: HealthFinding): Diagnosis;
}

export function examinerOf(part: string, subject = ''): Examiner {
  const bad = (what: string, next: string): Diagnosis => ({ part, subject, state: 'bad', what, next });
  const ok = (what: string): Diagnosis => ({ part, subject, state: 'ok', what, next: '' });
  return {
    ok,
    bad,
    doubt: (what, next) => ({ part, subject, state: 'doubt', what, next }),
    fault: (thrown) => {
      const { code, message, next } = toErrorRecord(thrown);
      return bad(`${code}: ${message}`, next);
    },
    finding: (finding) => (finding.ok ? ok(finding.title) : bad(finding.title, finding.next)),
  };
}
