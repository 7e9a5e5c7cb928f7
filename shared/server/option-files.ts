import { readFileSync } from 'node:fs';

/** The text of a file that a flag names; undefined if it names none. Throws Error that says which flag. */
export function readOptionFile(flag: string, path: string): string | undefined {
  if (path === '') return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`--${flag}: ${(error as Error).message}`, { cause: error });
  }
}
