import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FolderFile {
  readonly path: string;
  readonly text: string;
}

/** Reads the files directly in a folder, sorted by name. Throws Error if the folder does not exist. */
export type ReadFolder = (path: string) => readonly FolderFile[];

export const readLocalFolder: ReadFolder = (path) =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => join(path, name))
    .sort()
    .map((file) => ({ path: file, text: readFileSync(file, 'utf8') }));
