import { readFileSync } from 'node:fs';

/** Reads a file as text, from wherever the host keeps it. Throws Error if it does not exist. */
export type ReadFile = (path: string) => string;

export const readLocalFile: ReadFile = (path) => readFileSync(path, 'utf8');
