import { isAbsolute } from 'node:path';
import { fail, isBucketPlace, nearest, requireBucketPlace, type Config } from '@milvault/shared';

/**
 * The source that a request speaks of: the name of a configured one, or an address, or the only one configured.
 * An address with credentials is refused, because a job must not carry them.
 */
export function chooseSource(config: Config, asked: string | undefined): string {
  const names = config.sources.map((source) => source.name);
  if (asked === undefined) return onlyOne(names, 'source', 'SOURCE_NOT_FOUND');
  if (names.includes(asked)) return asked;
  if (asked.includes('@')) {
    throw fail('REQUEST_INVALID', {
      what: 'An address may not hold credentials',
      expected: 'host:port',
      got: 'an address with @',
      next: 'Configure the source with its credentials and give its name',
    });
  }
  if (/^([a-z]+:\/\/)?(\[[0-9a-f:]+\]|[a-z0-9._-]+):\d{1,5}\/?$/i.test(asked)) return asked;
  throw fail('SOURCE_NOT_FOUND', notThere('source', asked, names, 'host:port'));
}

/** The repository that a request speaks of: a configured name, a folder, a bucket, or the only one configured. */
export function chooseRepository(config: Config, asked: string | undefined): string {
  const names = config.repositories.map((repository) => repository.name);
  if (asked === undefined) return onlyOne(names, 'repository', 'REPOSITORY_NOT_FOUND');
  if (names.includes(asked)) return asked;
  if (isBucketPlace(asked)) return requireBucketPlace(asked);
  if (!isAbsolute(asked)) {
    throw fail(
      'REPOSITORY_NOT_FOUND',
      notThere('repository', asked, names, 'an absolute folder or s3://bucket/prefix'),
    );
  }
  if (/\p{Cc}/u.test(asked) || asked.split('/').includes('..')) {
    throw fail('NAME_INVALID', {
      expected: 'a folder without `..` and control characters',
      got: JSON.stringify(asked),
    });
  }
  return asked;
}

/** As {@link chooseRepository}, where leaving it out means all of them. */
export const chooseAnyRepository = (config: Config, asked: string | null | undefined): string | undefined =>
  asked === undefined || asked === null ? undefined : chooseRepository(config, asked);

function onlyOne(names: readonly string[], what: string, code: 'SOURCE_NOT_FOUND' | 'REPOSITORY_NOT_FOUND'): string {
  const [first, second] = names;
  if (first !== undefined && second === undefined) return first;
  if (first === undefined) throw fail(code, { what: `No ${what} is configured and the request names none` });
  throw fail('REQUEST_INVALID', { what: `body/${what} is missing`, expected: names.join(' or '), got: 'nothing' });
}

function notThere(what: string, asked: string, names: readonly string[], other: string) {
  const near = nearest(asked, names);
  return {
    what: `There is no ${what} ${JSON.stringify(asked)}`,
    expected: [...names, other].join(' or '),
    got: JSON.stringify(asked),
    ...(near === null ? {} : { next: `Did you mean ${near}?` }),
  };
}
