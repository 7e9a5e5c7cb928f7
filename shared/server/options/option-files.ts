import type { ReadFile } from '../../util/read-file.ts';

/** The content of the file that a flag names; undefined if it names none. Throws an Error that names the flag. */
export function readOptionFile(flag: string, path: string, readFile: ReadFile): string | undefined {
  if (path === '') return undefined;
  try {
    return readFile(path);
  } catch (error) {
    throw new Error(`--${flag}: ${(error as Error).message}`, { cause: error });
  }
}
