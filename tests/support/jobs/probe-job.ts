import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { JOBS, type Job, type JobRegistry } from '@milvault/jobs';
import { fail, isMilvaultError, type ErrorCode } from '@milvault/shared';

/**
 * A job whose effects lie in a folder, so that they can be looked at whatever process made them:
 * `log` one line for each step, `draft` from the plan to the end, `part-<n>.<fence>` what a part wrote, and `committed`,
 * made create-only: a second commit would be seen.
 */
export interface ProbePayload {
  readonly folder: string;
  readonly parts: number;
  readonly partMs: number;
  readonly planMs?: number;
  readonly finishMs?: number;
  /** Parts that fail, with how often; a code that is not retryable fails for good. */
  readonly failing?: Readonly<Record<string, { readonly times: number; readonly code: ErrorCode }>>;
  readonly failPlan?: { readonly times: number; readonly code: ErrorCode };
  readonly failFinish?: { readonly times: number; readonly code: ErrorCode };
  readonly failAbandon?: number;
  readonly lease?: string;
  /** A part kills its process at its first start. */
  readonly deadly?: number;
  readonly then?: ProbePayload;
}
interface ProbeState {
  readonly folder: string;
  readonly asked: ProbePayload;
}

const once = async (folder: string, name: string): Promise<number> => {
  await appendFile(path.join(folder, `count-${name}`), '.');
  return (await readFile(path.join(folder, `count-${name}`), 'utf8')).length;
};

async function maybeFail(
  folder: string,
  name: string,
  failing: { readonly times: number; readonly code: ErrorCode } | undefined,
): Promise<void> {
  if (failing !== undefined && (await once(folder, name)) <= failing.times) {
    throw fail(failing.code, { what: `${name} fails on purpose` });
  }
}

export const probeJob: Job<ProbePayload, ProbeState, number, { rows: number }, { rows: number; commits: number }> = {
  kind: 'backup',
  leases: async ({ lease }) => (lease === undefined ? [] : [lease]),
  plan: async (asked, { signal, clock, logger }) => {
    const { folder } = asked;
    await mkdir(folder, { recursive: true });
    await note(folder, 'plan');
    logger.info('planning');
    await clock.sleep(asked.planMs ?? 0, signal);
    await maybeFail(folder, 'plan', asked.failPlan);
    await writeFile(path.join(folder, 'draft'), '');
    return {
      state: { folder, asked },
      parts: Array.from({ length: asked.parts }, (_, number) => number),
      rowsTotal: asked.parts * 10,
    };
  },
  begin: async (state) => {
    await note(state.folder, 'begin');
    return state;
  },
  part: async ({ folder, asked }, number, { fence, first }, { signal, clock, onProgress }) => {
    await note(folder, `part ${String(number)} ${first ? 'first' : 'again'} by ${String(process.pid)}`);
    if (asked.deadly === number && (await once(folder, 'deadly')) === 1) process.kill(process.pid, 'SIGKILL');
    await writeFile(path.join(folder, `part-${String(number)}.${fence}`), '');
    onProgress({ rows: 4, bytes: 40 });
    await clock.sleep(asked.partMs, signal);
    await maybeFail(folder, `part${String(number)}`, asked.failing?.[String(number)]);
    onProgress({ rows: 6, bytes: 60 });
    return { rows: 10 };
  },
  finish: async (asked, { state, parts }, results, { signal, clock, onProgress }) => {
    await note(state.folder, 'finish');
    onProgress({ phase: 'commit' });
    await clock.sleep(asked.finishMs ?? 0, signal);
    await maybeFail(state.folder, 'finish', asked.failFinish);
    if (results.length !== parts.length) throw new Error('results are missing');
    try {
      await writeFile(path.join(state.folder, 'committed'), '', { flag: 'wx' });
      await once(state.folder, 'commits');
    } catch (thrown) {
      if (isMilvaultError(thrown)) throw thrown;
      await note(state.folder, 'was committed');
    }
    await rm(path.join(state.folder, 'draft'), { force: true });
    return { rows: results.reduce((sum, result) => sum + result.rows, 0), commits: 1 };
  },
  abandon: async (asked, state) => {
    await note(asked.folder, 'abandon');
    if (state === null) return;
    if ((await once(state.folder, 'abandon')) <= (asked.failAbandon ?? 0)) throw fail('REPO_WRITE_FAILED');
    for (const file of await readdir(state.folder)) {
      if (file.startsWith('part-') || file === 'draft') await rm(path.join(state.folder, file), { force: true });
    }
  },
  writes: ({ folder }) => folder,
  next: ({ then }) => (then === undefined ? [] : [{ kind: 'verify', payload: asPayload(then) }]),
};

const note = (folder: string, line: string): Promise<void> => appendFile(path.join(folder, 'log'), `${line}\n`);

/** The runners pass payloads through; only the job itself looks inside. */
export const asPayload = (payload: ProbePayload): never => payload as never;

/** Every kind but cleanup and health is the probe. */
export const PROBES: JobRegistry = {
  ...JOBS,
  backup: probeJob,
  verify: { ...probeJob, kind: 'verify' },
  restore: { ...probeJob, kind: 'restore' },
  drill: { ...probeJob, kind: 'drill' },
};

export interface Effects {
  readonly log: string[];
  readonly files: string[];
  readonly commits: number;
  readonly abandons: number;
}

export async function effectsOf(folder: string): Promise<Effects> {
  const files = await readdir(folder).catch(() => []);
  const read = (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8').catch(() => '');
  const log = (await read('log')).split('\n').filter((line) => line !== '');
  return {
    log,
    files: files.filter((file) => !file.startsWith('count-') && file !== 'log'),
    commits: (await read('count-commits')).length,
    abandons: log.filter((line) => line === 'abandon').length,
  };
}
