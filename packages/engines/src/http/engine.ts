import type { Repository } from '@milvault/repository';
import { fail, hasCode } from '@milvault/shared';
import type { Engine, EngineContext, EngineSource } from '../port.ts';
import { chooseCollections } from '../rows/catalogue.ts';
import { createSessions, type RowsEngineDeps } from '../rows/connect.ts';
import { inspect } from '../rows/inspect.ts';
import { fullName } from '../rows/names.ts';
import { warning } from '../rows/warnings.ts';
import { checkByTool, type ToolWord } from '../tool/check.ts';
import { inspectedForTool, toolOf } from '../tool/record.ts';
import { servesBy } from '../tool/serve.ts';
import { backupPart, finishBackup, planBackup, type HttpPart, type HttpPartResult } from './backup.ts';
import { CONTRACT_LIMITS, createContract, type Contract, type ContractLimits } from './contract.ts';

export interface HttpEngineDeps extends RowsEngineDeps {
  /** Milliseconds; default: the original's. */
  readonly contractLimits?: ContractLimits;
}

/**
 * Drives any tool that has the original's contract: create, verify, delete, and no more. What it cannot tell us is told
 * as unknown, and what it checks is told as its word.
 */
export function createHttpEngine(deps: HttpEngineDeps): Engine {
  const within = createSessions(deps);
  const contractOf = (api: string): Contract => createContract(api, deps.contractLimits ?? CONTRACT_LIMITS);

  /** Names pass as they are; the tool knows no pattern, so Milvus is asked what `*` means. */
  const namesOf = async (source: EngineSource, patterns: readonly string[], { signal }: EngineContext) => {
    if (patterns.length > 0 && patterns.every((one) => !one.includes('*'))) return [...new Set(patterns)];
    return within(source, signal, async ({ client }) =>
      (await chooseCollections(client, patterns, signal)).names.map(fullName),
    );
  };

  return {
    kind: 'http',
    abilities: {
      incremental: true,
      base: 'full',
      partitions: false,
      rename: false,
      consistency: 'fuzzy',
      lacks: ['restore', 'drill'],
    },
    serves: (source, { signal }) => servesBy('contract', source, signal),
    inspect: async (source, collections, context) => {
      const seen = await within(source, context.signal, (session) => inspect(session, collections, context));
      return inspectedForTool(seen, [warning('TOOL_KEEPS_DATA')]);
    },
    planBackup: async (source, repository, request, context) =>
      planBackup(apiOf(source), repository, request, await namesOf(source, request.collections, context)),
    backupPart: (_source, repository, draft, part, _fence, context) => {
      // Its own part, as it was planned.
      const own = part as HttpPart;
      return backupPart(contractOf(own.api), repository, draft, own, context);
    },
    finishBackup: async (_source, _repository, draft, plan, results) => {
      // One part, one result: this engine's own.
      const [part, result] = [plan.parts[0] as HttpPart, results[0] as HttpPartResult];
      return finishBackup(part, result, plan.warnings, draft.name);
    },
    verify: (repository, backup, options, context) => verify(repository, backup, options, context),
    wouldRestore: () => Promise.reject(cannotRestore()),
    planRestore: () => Promise.reject(cannotRestore()),
    beginRestore: () => Promise.reject(cannotRestore()),
    restorePart: () => Promise.reject(cannotRestore()),
    finishRestore: () => Promise.reject(cannotRestore()),
    abandonRestore: () => Promise.resolve(),
    tool: {
      list: ({ tool }) =>
        Promise.reject(
          fail('OPTION_UNSUPPORTED', {
            what: `The tool at ${tool ?? '(none)'} has no call that lists its backups, so none can be taken over`,
          }),
        ),
      remove: ({ api, name }) => contractOf(api).remove(name, new AbortController().signal),
      // Known by its name alone, which others may use too: a left-over does less harm than the deletion of a good backup.
      abandon: () => Promise.resolve(),
    },
  };

  async function verify(
    repository: Repository,
    id: string,
    options: Parameters<Engine['verify']>[2],
    context: EngineContext,
  ) {
    const { api } = await toolOf(repository, id);
    return checkByTool(repository, id, options, context.clock, async (name) => ({
      word: await wordOf(contractOf(api), name, context.signal),
      by: `the tool at ${api}`,
    }));
  }
}

async function wordOf(contract: Contract, name: string, signal: AbortSignal): Promise<ToolWord> {
  try {
    if (await contract.verify(name, signal)) return { damage: null };
    return { code: 'OBJECT_DAMAGED', damage: `the tool says that ${name} is not valid` };
  } catch (thrown) {
    if (!hasCode(thrown, 'TOOL_BACKUP_LOST')) throw thrown;
    return { code: 'OBJECT_MISSING', damage: `the tool no longer has ${name}` };
  }
}

function apiOf({ tool, address }: EngineSource): string {
  if (tool !== undefined) return tool;
  throw fail('OPTION_UNSUPPORTED', { what: `No backup tool is configured for ${address}` });
}

const cannotRestore = (): Error =>
  fail('OPTION_UNSUPPORTED', {
    what: "A tool with the original's contract has no call that restores",
    next: 'Restore with the tool itself',
  });
