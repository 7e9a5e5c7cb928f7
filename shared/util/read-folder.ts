import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FolderFile {
  readonly path: string;
  readonly text: string;
}

/** The files that lie in a folder itself, by name. Throws Error when there is no such folder. */
export type ReadFolder = (path: string) => readonly FolderFile[];

export const readLocalFolder: ReadFolder = (path) =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => join(path, name))
    .sort()
    .map((file) => ({ path: file, text: readFileSync(file, 'utf8') }));
