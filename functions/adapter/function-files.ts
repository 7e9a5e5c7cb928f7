/**
 * Files named by flags, on Lambda: paths below `/zeroplane/TENANT/files/` are parameters of that name, as if Parameter
 * Store were mounted there; others are files of the function's bundle.
 */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ReadFile } from '../../shared/util/read-file.ts';

const FOLDER = 'files';

interface FileParameters {
  readonly root: string;
  list(folder: string): Promise<ReadonlyMap<string, string>>;
}

/**
 * `texts`: texts that may contain file names. If one of them names a parameter, all parameters are read at once, since
 * files may refer to other files. Throws `StatusError` if they can't be read.
 */
export async function functionFiles(
  texts: readonly string[],
  bundle: string,
  parameters: FileParameters,
): Promise<ReadFile> {
  const mount = `${parameters.root}/${FOLDER}/`;
  const files = texts.some((text) => text.includes(mount)) ? await parameters.list(FOLDER) : new Map();
  return (path) => {
    if (!path.startsWith(mount)) return readFileSync(resolve(bundle, path), 'utf8');
    const text: string | undefined = files.get(path.slice(mount.length));
    if (text === undefined) throw new Error(`there is no parameter ${path}`);
    return text;
  };
}
