import { readFileSync } from 'node:fs';

/** The text of a file, wherever the host keeps it. Throws Error when there is none. */
export type ReadFile = (path: string) => string;

export const readLocalFile: ReadFile = (path) => readFileSync(path, 'utf8');
