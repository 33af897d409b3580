import { program } from './apt.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A browser for the tests of what people see: CHROMIUM, else one on the PATH, else Debian's, where we may install it. */
export const chromium = async (say: (line: string) => void): Promise<string> =>
  process.env['CHROMIUM'] ?? (await program(NAMES, 'chromium', say));
