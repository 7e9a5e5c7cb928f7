import type { ReadFile } from '../../util/read-file.ts';

/** The text of a file that a flag names; undefined if it names none. Throws Error that says which flag. */
export function readOptionFile(flag: string, path: string, readFile: ReadFile): string | undefined {
  if (path === '') return undefined;
  try {
    return readFile(path);
  } catch (error) {
    throw new Error(`--${flag}: ${(error as Error).message}`, { cause: error });
  }
}
