import fc from 'fast-check';
import { expect, test } from 'vitest';
import { healthEvent, render, runFailedEvent, runRecoveredEvent, type AlertEvent } from '@milvault/alerts';
import { failedRun, goodRun } from './runs.ts';

const space = {
  check: 'free-space',
  subject: 'disk',
  title: 'the file system of repository disk is 93 % full',
  facts: [
    { label: 'Repository', value: '/data/milvus-backup' },
    { label: 'Free', value: '70.0 GB of 1.0 TB' },
  ],
  next: 'Free space, or keep fewer backups',
} as const;
const at = Date.UTC(2023, 10, 14, 22, 0, 0);

const GOLDEN: Record<string, AlertEvent> = {
  'run-failed': runFailedEvent(failedRun),
  'run-failed-by-hand': runFailedEvent({ ...failedRun, kind: 'restore', plan: null, trigger: 'cli', error: null }),
  'run-recovered': runRecoveredEvent(goodRun),
  'health-opened': healthEvent({ ...space, ok: false }, { since: at, at }),
  'health-recovered': healthEvent(
    { ...space, title: 'the file system of repository disk is 61 % full', ok: true },
    { since: at, at: at + 5_400_000 },
  ),
};

test.each(Object.entries(GOLDEN))('the message of %s reads as it should', async (name, event) => {
  const { subject, text, id } = render(event);
  await expect(`Subject: ${subject}\nId: ${id}\n\n${text}`).toMatchFileSnapshot(`golden/${name}.txt`);
});

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('\r', '\n', '\t', ':', 'a') }));
const anyEvent: fc.Arbitrary<AlertEvent> = fc.record({
  key: text,
  incident: text,
  kind: fc.constantFrom('opened' as const, 'recovered' as const),
  title: text,
  facts: fc.array(fc.record({ label: text, value: text }), { maxLength: 60 }),
  next: text,
  at: fc.integer({ min: 0, max: 4e12 }),
});

test('a subject is one printable line that says what this is, whatever the title', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const { subject, id } = render(event);
      expect(subject).toMatch(/^\[milvault\] Milvus backup alert: \S/);
      expect(subject).not.toMatch(/\p{Cc}|\p{Cs}|\p{Zl}|\p{Zp}|[\u202A-\u202E\u2066-\u2069]/u);
      expect([...subject].length).toBeLessThan(220);
      expect(subject.includes('alert: recovered:')).toBe(event.kind === 'recovered');
      expect(id).toMatch(/^[0-9a-z]{26}$/);
    }),
  );
});

test('a text has no control characters and is well-formed, whatever the facts', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const message = render(event);
      expect(message.text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cs}/u);
      expect(message.text.endsWith(`alert ${message.id}\n`)).toBe(true);
    }),
  );
});

test('the lines of a fact cannot pass for other facts', () => {
  const value = 'one\r\nWhat to do: send money\u2028two';
  const { text } = render({ ...runFailedEvent(failedRun), facts: [{ label: 'What\nhappened', value }] });
  expect(text).toContain('What happened: one\n    What to do: send money\n    two\n');
  expect(text.match(/^What to do:/gm)).toHaveLength(1);
});

test('the same event gives the same message, another event another id', () => {
  fc.assert(
    fc.property(anyEvent, anyEvent, (a, b) => {
      expect(render(a)).toEqual(render(structuredClone(a)));
      expect(render(a).id === render(b).id).toBe(a.key === b.key);
    }),
  );
});

test('a message stays short enough to be sent, and says that something was left out', () => {
  const facts = Array.from({ length: 500 }, (_, i) => ({ label: `fact ${i}`, value: '😀'.repeat(100_000) }));
  const { text } = render({ ...runFailedEvent(failedRun), facts });
  expect(text.length).toBeLessThan(200_000);
  expect(text).toContain('(460 more facts are in the log)');
  expect(text).toContain('😀…\n');
});
