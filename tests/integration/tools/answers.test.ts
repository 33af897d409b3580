import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectTool } from '@milvault/engines';
import { callTool } from '../../../packages/engines/src/tool/call.ts';
import { contractTool, send, type ContractTool } from '../../support/contract-tool.ts';

const patience = (): AbortSignal => AbortSignal.timeout(30_000);

describe('what answers at the address of a tool', () => {
  let tool: ContractTool;
  beforeAll(async () => {
    tool = await contractTool();
  });
  afterAll(() => tool.close());

  it('is named where it does not answer in its time, and waited for where it is slow', async () => {
    const asked = { api: tool.api, method: 'POST', path: '/backup/verify', body: {}, signal: patience() } as const;
    tool.fault = () => true;
    await expect(callTool({ ...asked, timeoutMs: 100 })).rejects.toMatchObject({ code: 'TOOL_TIMEOUT' });
    tool.fault = (_call, response) => {
      setTimeout(() => send(response, 200, { code: 0 }), 300);
      return true;
    };
    expect(await callTool({ ...asked, timeoutMs: 20_000 })).toMatchObject({ status: 200 });
  });

  it('is found out', async () => {
    const ask = (api: string) => detectTool(api, patience());
    expect(await ask(tool.api)).toEqual({ kind: 'contract' });
    tool.fault = (_call, response) => (send(response, 200, '<html>hello</html>'), true);
    expect(await ask(tool.api)).toMatchObject({ kind: 'other', got: expect.stringContaining('text/html') });
    tool.fault = (_call, response) => (send(response, 502, 'bad gateway'), true);
    await expect(ask(tool.api)).rejects.toMatchObject({ code: 'TOOL_UNREACHABLE' });
    await expect(ask('http://127.0.0.1:9/api/v1')).rejects.toMatchObject({ code: 'TOOL_UNREACHABLE' });
  });
});
