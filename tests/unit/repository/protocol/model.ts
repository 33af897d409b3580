/**
 * The protocol by which backups are written, borrowed from, read and deleted (`docs/backup-format.md`, "Writing and
 * deleting"), as small as it can be told: every step is one operation on the store. A search tries all orders of the steps
 * of all processes. Any of them may stop for ever at any step, since what holds is asked in every state that can be reached.
 */

/** What the store holds. Names of writers are ids of backups, too. */
interface Store {
  /** By id: whose files it needs, or that it was given up. */
  readonly slots: ReadonlyMap<string, { readonly refs: readonly string[] } | 'aborted'>;
  readonly tombs: ReadonlySet<string>;
  readonly data: ReadonlySet<string>;
  /** `<base>/<holder>`, `<backup>/<run>` and `<backup>/<reader>`. */
  readonly pins: ReadonlySet<string>;
  readonly markers: ReadonlySet<string>;
  readonly readings: ReadonlySet<string>;
}

/** One process: what it is about to do (a deletion: to which of those that are to go), and what it has seen. */
interface Process {
  readonly name: string;
  readonly at: string;
  readonly seen: readonly string[];
}

interface World {
  readonly store: Store;
  readonly processes: readonly Process[];
}

/** Each takes one precaution away. */
export const WEAKENINGS = [
  'no pin',
  'markers are looked for before the pin is there',
  'the decision is written over another one',
  'decisions are not read again after the marker',
  'all runs share one marker',
  'an owner goes before what borrows from it',
  'markers of other runs are cleaned away',
  'a reader leaves no mark',
  'markers are looked for before the mark of the reader is there',
] as const;
export type Weakening = (typeof WEAKENINGS)[number];

export interface ModelCase {
  readonly writers: number;
  readonly deleters: number;
  readonly readers: number;
  /** What is there at first: one full, or a full and an incremental on it. All of it is to be deleted. */
  readonly chain: boolean;
  readonly weakened?: Weakening | undefined;
}

export interface Searched {
  readonly states: number;
  /** How the first bad state was reached; null where there is none. */
  readonly fault: string | null;
}

const FULL = 'full';
const INCREMENTAL = 'incremental';

export function search(model: ModelCase): Searched {
  const first = startOf(model);
  const seen = new Map<string, { readonly from: string | null; readonly step: string }>();
  seen.set(keyOf(first), { from: null, step: 'start' });
  const path = (key: string): string => {
    const steps: string[] = [];
    for (let at: string | null = key; at !== null; at = seen.get(at)?.from ?? null)
      steps.push(seen.get(at)?.step ?? '');
    return steps.reverse().join(' → ');
  };
  for (let level: World[] = [first]; level.length > 0;) {
    const next: World[] = [];
    for (const world of level) {
      const from = keyOf(world);
      const broken = faultOf(world, model);
      if (broken !== null) return { states: seen.size, fault: `${broken}: ${path(from)}` };
      for (const { step, to } of stepsOf(world, model)) {
        const key = keyOf(to);
        if (seen.has(key)) continue;
        seen.set(key, { from, step });
        next.push(to);
      }
    }
    level = next;
  }
  return { states: seen.size, fault: null };
}

function startOf({ writers, deleters, readers, chain, weakened }: ModelCase): World {
  const process = (kind: string, number: number, at: string): Process => ({ name: `${kind}${number}`, at, seen: [] });
  const many = (count: number, kind: string, at: string): Process[] =>
    Array.from({ length: count }, (_, number) => process(kind, number + 1, at));
  const victims = chain ? [INCREMENTAL, FULL] : [FULL];
  const ordered = weakened === 'an owner goes before what borrows from it' ? victims.toReversed() : victims;
  const slots: Store['slots'] = new Map([
    [FULL, { refs: [] }],
    ...(chain ? [[INCREMENTAL, { refs: [FULL] }] as const] : []),
  ]);
  const none: ReadonlySet<string> = new Set();
  return {
    store: { slots, tombs: none, data: new Set(victims), pins: none, markers: none, readings: none },
    processes: [
      ...many(writers, 'writer', weakened === 'markers are looked for before the pin is there' ? 'look' : 'pin'),
      ...many(deleters, 'deleter', `mark ${ordered.join(' ')}`),
      ...many(
        readers,
        'reader',
        weakened === 'markers are looked for before the mark of the reader is there' ? 'look' : 'mark',
      ),
    ],
  };
}

const sorted = (values: Iterable<string>): string => [...values].sort().join(',');

function keyOf({ store, processes }: World): string {
  const slots = [...store.slots].map(([id, slot]) => `${id}=${slot === 'aborted' ? 'x' : slot.refs.join('+')}`);
  const sets = [store.tombs, store.data, store.pins, store.markers, store.readings].map(sorted);
  return [sorted(slots), ...sets, ...processes.map(({ at, seen }) => `${at}(${seen.join(',')})`)].join('|');
}

/** What must hold always: a backup that exists has all files that it needs, and what is being read is there. */
function faultOf({ store, processes }: World, model: ModelCase): string | null {
  for (const [id, slot] of store.slots) {
    if (slot === 'aborted' || store.tombs.has(id)) continue;
    const lost = [id, ...slot.refs].find((one) => store.tombs.has(one) || !store.data.has(one));
    if (lost !== undefined) return `${id} exists without ${lost}`;
  }
  const reading = processes.some(({ name, at }) => name.startsWith('reader') && at === 'read');
  const lost = reading ? chainOf(model).find((one) => !store.data.has(one)) : undefined;
  return lost === undefined ? null : `${lost} vanished under its reader`;
}

interface Step {
  readonly step: string;
  readonly to: World;
}

function stepsOf(world: World, model: ModelCase): Step[] {
  return world.processes.flatMap((process, place) => {
    const [at = '', victim = '', ...rest] = process.at.split(' ');
    const make: Turn['make'] = (next, store = {}, seen = []) => ({
      step: `${process.name} ${at}`,
      to: {
        store: { ...world.store, ...store },
        processes: world.processes.with(place, { ...process, at: next, seen }),
      },
    });
    const steps = KINDS[process.name.replace(/\d+$/, '')]?.[at];
    return steps?.({ store: world.store, process, model, victim, rest, make }) ?? [];
  });
}

/** What a process can do now. */
interface Turn {
  readonly store: Store;
  readonly process: Process;
  readonly model: ModelCase;
  /** Of a deletion: what is deleted, and what comes after it. */
  readonly victim: string;
  readonly rest: readonly string[];
  readonly make: (next: string, store?: Partial<Store>, seen?: readonly string[]) => Step;
}

type Steps = Readonly<Record<string, (turn: Turn) => Step[]>>;

const plus = (set: ReadonlySet<string>, one: string): ReadonlySet<string> => new Set([...set, one]);
const less = (set: ReadonlySet<string>, one: string): ReadonlySet<string> =>
  new Set([...set].filter((other) => other !== one));
const below = (set: ReadonlySet<string>, id: string): string[] =>
  [...set].filter((one) => one.startsWith(`${id}/`)).map((one) => one.slice(id.length + 1));

/** Of the backup that is borrowed from and read: itself, and what it borrows from. */
const chainOf = ({ chain }: ModelCase): readonly [string, ...string[]] => (chain ? [INCREMENTAL, FULL] : [FULL]);
const pinOf = ({ model, process }: Turn): string => `${chainOf(model)[0]}/${process.name}`;
const lookFirst = ({ model: { weakened } }: Turn): boolean =>
  weakened === 'markers are looked for before the pin is there' ||
  weakened === 'markers are looked for before the mark of the reader is there';

/** Whether somebody deletes what is needed: `leaving.ts`. What a process is about to do then has its own names. */
const lookAround = (names: { readonly announce: string; readonly work: string; readonly withdraw: string }): Steps => ({
  look: ({ store, model, make }) => [
    make(below(store.markers, chainOf(model)[0]).length > 0 ? names.withdraw : 'tomb'),
  ],
  tomb: (turn) => {
    const { store, model, make } = turn;
    if (store.tombs.has(chainOf(model)[0])) return [make(names.withdraw)];
    return [make(lookFirst(turn) ? names.announce : names.work)];
  },
});

/** An incremental on the newest backup: `pins.ts`, `commit.ts`. */
const WRITER: Steps = {
  pin: (turn) => {
    const { store, model, make } = turn;
    const pins = model.weakened === 'no pin' ? store.pins : plus(store.pins, pinOf(turn));
    return [make(lookFirst(turn) ? 'write' : 'look', { pins })];
  },
  ...lookAround({ announce: 'pin', work: 'write', withdraw: 'unpin' }),
  write: ({ store, process, make }) => [make('owners', { data: plus(store.data, process.name) })],
  owners: ({ store, model, make }) => [make(chainOf(model).some((one) => store.tombs.has(one)) ? 'unpin' : 'decide')],
  decide: ({ store, process: { name }, model, make }) => {
    if (store.slots.has(name) && model.weakened !== 'the decision is written over another one') return [make('unpin')];
    return [make('unpin', { slots: new Map([...store.slots, [name, { refs: chainOf(model) }]]) })];
  },
  unpin: (turn) => [turn.make('end', { pins: less(turn.store.pins, pinOf(turn)) })],
};

/** A restore of the newest backup: `reading.ts`. */
const READER: Steps = {
  mark: (turn) => {
    const { store, model, make } = turn;
    const readings = model.weakened === 'a reader leaves no mark' ? store.readings : plus(store.readings, pinOf(turn));
    return [make(lookFirst(turn) ? 'read' : 'look', { readings })];
  },
  ...lookAround({ announce: 'mark', work: 'read', withdraw: 'unmark' }),
  read: ({ make }) => [make('unmark')],
  unmark: (turn) => [turn.make('end', { readings: less(turn.store.readings, pinOf(turn)) })],
};

const markerOf = ({ model, process, victim }: Turn): string =>
  `${victim}/${model.weakened === 'all runs share one marker' ? 'shared' : process.name}`;
const on = (step: string, { victim, rest }: Turn): string => [step, victim, ...rest].join(' ');
const takeMarkerOff = (turn: Turn): Step[] => {
  const { store, rest, make } = turn;
  const next = rest.length === 0 ? 'end' : ['mark', ...rest].join(' ');
  return [make(next, { markers: less(store.markers, markerOf(turn)) })];
};

/** A deletion of all that is there, one after the other: `tomb.ts`. */
const DELETER: Steps = {
  mark: (turn) => {
    const { store, model, make } = turn;
    const old = model.weakened === 'markers of other runs are cleaned away' ? new Set<string>() : store.markers;
    return [make(on('pins', turn), { markers: plus(old, markerOf(turn)) })];
  },
  pins: (turn) => [turn.make(on('holders', turn), {}, below(turn.store.pins, turn.victim))],
  holders: (turn) => {
    const { store, process, make } = turn;
    const [holder, ...others] = process.seen;
    if (holder === undefined) return [make(on('again', turn))];
    const slot = store.slots.get(holder);
    if (slot === 'aborted') return [make(on('holders', turn), {}, others)];
    if (slot !== undefined) return [make(on('withdraw', turn))];
    // It may be alive, or long silent: nobody can know.
    const slots = new Map(store.slots).set(holder, 'aborted' as const);
    return [make(on('withdraw', turn)), make(on('holders', turn), { slots }, others)];
  },
  again: (turn) => {
    const { store, model, victim, rest, make } = turn;
    const going = model.weakened === 'an owner goes before what borrows from it' ? rest : [];
    const borrowed = [...store.slots].some(
      ([id, slot]) => slot !== 'aborted' && !store.tombs.has(id) && !going.includes(id) && slot.refs.includes(victim),
    );
    const looks = model.weakened !== 'decisions are not read again after the marker';
    return [make(on(looks && borrowed ? 'withdraw' : 'readers', turn))];
  },
  readers: (turn) => [turn.make(on(below(turn.store.readings, turn.victim).length > 0 ? 'withdraw' : 'bury', turn))],
  bury: (turn) => [turn.make(on('delete', turn), { tombs: plus(turn.store.tombs, turn.victim) })],
  delete: (turn) => [turn.make(on('unmark', turn), { data: less(turn.store.data, turn.victim) })],
  unmark: takeMarkerOff,
  withdraw: takeMarkerOff,
};

const KINDS: Readonly<Record<string, Steps>> = { writer: WRITER, reader: READER, deleter: DELETER };
