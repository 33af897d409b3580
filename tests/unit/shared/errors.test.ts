import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ERRORS,
  fail,
  fromErrorRecord,
  hasCode,
  headline,
  MilvaultError,
  Stopped,
  stopError,
  isStopped,
  toErrorRecord,
  toMilvaultError,
  type ErrorCode,
} from '@milvault/shared';

const codes = Object.keys(ERRORS) as ErrorCode[];

test.each(codes)('%s has a status, a title and a next step that read as sentences', (code) => {
  const { status, title, next } = ERRORS[code];
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(600);
  for (const sentence of [title, next]) expect(sentence).toMatch(/^([A-Z`]|milvault ).*[^.\s]$/s);
});

test.each(codes)('%s carries its status and whether to retry', (code) => {
  const error = fail(code);
  expect(error).toBeInstanceOf(MilvaultError);
  expect({ status: error.status, retryable: error.retryable, next: error.next, message: error.message }).toEqual({
    status: ERRORS[code].status,
    retryable: ERRORS[code].retryable,
    next: ERRORS[code].next,
    message: ERRORS[code].title,
  });
});

test('a message says what, expected and got', () => {
  const error = fail('TIME_INVALID', { what: 'The time of job 2', expected: 'HH:MM', got: '25:61' });
  expect(error.message).toBe('The time of job 2: expected HH:MM, got 25:61');
  expect(headline(toErrorRecord(error))).toBe('The time of job 2');
});

test('an error record survives JSON and becomes the same error again', () => {
  const facts = fc.record(
    {
      what: fc.string(),
      expected: fc.string(),
      got: fc.string(),
      next: fc.string(),
      details: fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        fc.integer(),
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.constantFrom(...codes), facts, (code, given) => {
      const record = toErrorRecord(fail(code, given));
      const travelled = JSON.parse(JSON.stringify(record));
      expect(toErrorRecord(fromErrorRecord(travelled))).toEqual(record);
    }),
  );
});

test('causes are told as a list, at most five deep', () => {
  let cause = new Error('0');
  for (let depth = 1; depth < 9; depth++) cause = new Error(String(depth), { cause });
  expect(toErrorRecord(fail('INTERNAL', { cause })).causes).toEqual(['8', '7', '6', '5', '4']);
});

test('a foreign error becomes INTERNAL and stays as the cause', () => {
  const foreign = new RangeError('out of range');
  const error = toMilvaultError(foreign);
  expect(hasCode(error, 'INTERNAL')).toBe(true);
  expect(error.cause).toBe(foreign);
  expect(toMilvaultError(error)).toBe(error);
  expect(toErrorRecord('just a text')).toMatchObject({ code: 'INTERNAL', message: 'just a text' });
});

test.each(['NO_SUCH_CODE', 'toString', '__proto__'])('a record with the code %s becomes INTERNAL', (code) => {
  expect(fromErrorRecord({ code, message: 'm', next: 'n', retryable: true }).code).toBe('INTERNAL');
});

test('a stopped run ends as cancelled or timed out', () => {
  expect(stopError(new Stopped('timed-out')).message).toBe(ERRORS.RUN_TIMED_OUT.title);
  expect(stopError(new Stopped('cancelled'))).toMatchObject({ code: 'RUN_CANCELLED' });
  expect(isStopped(new Stopped('handover'))).toBe(true);
  expect(isStopped(new Error('stopped: handover'))).toBe(false);
});
