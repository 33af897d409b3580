import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BACKUP_DEFAULTS, type BackupPayload } from '@milvault/jobs';
import { publicRequest, refuseCredentials, requestKey } from '../../../packages/jobs/src/requests.ts';

const payload: BackupPayload = {
  ...BACKUP_DEFAULTS,
  source: 'src',
  repository: 'repo',
  collections: ['films'],
  type: 'full',
  engine: 'auto',
  plan: null,
  verify: 2,
};

describe('the key of a request', () => {
  it('is the same whatever the order of the fields', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
        const turned = Object.fromEntries(Object.entries(fields).reverse());
        expect(requestKey('backup', turned)).toBe(requestKey('backup', fields));
      }),
    );
  });
  it('differs for another kind, another value and another order of a list', () => {
    const keys = [
      requestKey('backup', payload),
      requestKey('drill', payload),
      requestKey('backup', { ...payload, type: 'incremental' }),
      requestKey('backup', { ...payload, collections: ['a', 'b'] }),
      requestKey('backup', { ...payload, collections: ['b', 'a'] }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
  it('is a name that BullMQ takes', () => {
    expect(requestKey('health', {})).toMatch(/^health-[0-9a-f]{32}$/);
  });
});

describe('credentials', () => {
  it.each(['http://root:Milvus@127.0.0.1:19530', 'root:Milvus@milvus:19530', 'tcp://token@milvus:19530'])(
    '%s is refused, and the refusal does not repeat it',
    (source) => {
      expect(() => refuseCredentials({ ...payload, source })).toThrow(
        expect.objectContaining({ code: 'REQUEST_INVALID', message: expect.not.stringContaining('Milvus') as string }),
      );
    },
  );
  it.each(['src', '127.0.0.1:19530', 'http://milvus:19530'])('%s is taken', (source) => {
    expect(() => refuseCredentials({ ...payload, source })).not.toThrow();
  });
  it('are cut out of what a run shows', () => {
    const shown = publicRequest({ source: 'http://root:Milvus@milvus:19530', target: 'a:b@c:1', folder: 'x@y' });
    expect(shown).toEqual({ source: 'http://milvus:19530', target: 'c:1', folder: 'x@y' });
  });
});
