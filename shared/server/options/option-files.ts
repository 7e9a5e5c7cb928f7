import { errorLines } from '../../util/error-lines.ts';
import type { ReadFile } from '../../util/read-file.ts';
import type { CompletedOptions } from './completed-options.ts';
import { FLAGS } from './options.ts';

/** The text of a file that a flag names; undefined if it names none. Throws Error that says which flag. */
export function readOptionFile(flag: string, path: string, readFile: ReadFile): string | undefined {
  if (path === '') return undefined;
  try {
    return readFile(path);
  } catch (error) {
    throw new Error(`--${flag}: ${(error as Error).message}`, { cause: error });
  }
}

/** Options whose files are read when what needs them is made. */
const OPTION_FILES = [
  'clientCAFile',
  'tokenAuthFile',
  'oidcCAFile',
  'requestheaderClientCAFile',
  'proxyClientCertFile',
  'proxyClientKeyFile',
  'serviceAccountSigningKeyFile',
  'serviceAccountKeyFile',
  'rootCAFile',
  'clusterSigningCertFile',
  'clusterSigningKeyFile',
] as const satisfies readonly (keyof CompletedOptions)[];

/** Which of them can't be read, a line each. */
export async function optionFileErrors(options: CompletedOptions, readFile: ReadFile): Promise<string[]> {
  const errors = OPTION_FILES.flatMap((option) =>
    [options[option]]
      .flat()
      .map((path) => errorLines(() => readOptionFile(FLAGS[option].flag, path, readFile))),
  );
  return (await Promise.all(errors)).flat();
}
