import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolFolder } from './tool-folder.ts';

const run = promisify(execFile);

export interface VenvOptions {
  /** What it is for: becomes the folder's name, before the hash. */
  readonly name: string;
  /** What pip installs: `pymilvus==3.0.2`. */
  readonly requirements: readonly string[];
  /** Install exactly the requirements and nothing that they ask for. */
  readonly alone?: boolean;
  /** Least Python, e.g. [3, 10]. */
  readonly python: readonly [number, number];
  readonly say: (line: string) => void;
}

/**
 * A Python virtual environment. It was moved after it was built, so call modules with `python -c` or `-m`: the scripts
 * in its `bin` still point to the old place.
 */
export interface Venv {
  readonly folder: string;
  readonly python: string;
}

/** What tests and benches compare with: programs that we did not write. */
export const ORACLES = ['pymilvus==3.0.2', 'pyarrow', 'duckdb', 'numpy'];

const candidates = (): string[] => {
  const chosen = process.env['MILVAULT_PYTHON'];
  return chosen === undefined ? ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10'] : [chosen];
};

async function findPython(least: readonly [number, number], purpose: string): Promise<string> {
  const seen: string[] = [];
  for (const command of candidates()) {
    try {
      const { stdout } = await run(command, ['-c', 'import sys; print(sys.version_info[0], sys.version_info[1])']);
      const [major = 0, minor = 0] = stdout.trim().split(' ').map(Number);
      if (major === least[0] && minor >= least[1]) return command;
      seen.push(`${command} is ${major}.${minor}`);
    } catch {
      seen.push(`no ${command}`);
    }
  }
  throw new Error(
    `${purpose}: expected Python >= ${least.join('.')} with venv and pip, got ${seen.join(', ')}. ` +
      'Install it (Debian: apt install python3-venv), or name one in MILVAULT_PYTHON.',
  );
}

async function build(python: string, folder: string, options: VenvOptions): Promise<void> {
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
  const only = options.alone === true ? ['--no-deps'] : [];
  try {
    await run(python, ['-m', 'venv', folder], { maxBuffer: 1e8 });
    await run(join(folder, 'bin', 'python'), [...install, ...only, ...options.requirements], { maxBuffer: 1e8 });
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    throw new Error(
      `${options.requirements.join(' ')} could not be installed for Python. ` +
        `Check the network, and that ${python} has venv and pip (Debian: apt install python3-venv).\n${stdout}${stderr}`,
      { cause },
    );
  }
}

/** The environment with these requirements, built on first use. */
export async function venv(options: VenvOptions): Promise<Venv> {
  const folder = await toolFolder(options.name, [options.requirements, options.alone === true], async (partial) => {
    const python = await findPython(options.python, options.name);
    options.say(`Installing ${options.requirements.join(' ')} (once) ...`);
    await build(python, partial, options);
  });
  return { folder, python: join(folder, 'bin', 'python') };
}

/** Folder of an installed module, for packages that carry programs. */
export async function moduleFolder(of: Venv, module: string): Promise<string> {
  const code = `import importlib.util as u; print(u.find_spec(${JSON.stringify(module)}).submodule_search_locations[0])`;
  const { stdout } = await run(of.python, ['-c', code]);
  return stdout.trim();
}
