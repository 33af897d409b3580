import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { requireId, type Globals } from '../options.ts';

export const tokenRevoke: CommandFactory = (cli, print) =>
  command({
    name: 'revoke',
    about: 'Make a token void. It and every session of it are refused from the next request on.',
    globals: ['json', 'config'],
    examples: ['milvault token revoke grafana'],
  })
    .argument('<name>', 'name of the token')
    .action(
      backendAction<Globals>(cli, print, async (backend, { args }) => {
        const name = requireId(args[0] ?? '', 'token');
        await backend.revokeToken(name);
        return answer({ name, revoked: true }, `${cli.terminal.style.good('revoked')} Token ${name}\n`);
      }),
    );
