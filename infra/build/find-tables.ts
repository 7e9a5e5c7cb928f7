import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of the tables of API types (`types.json`) below a folder. */
export function findTables(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return findTables(path);
    return entry.name === 'types.json' ? [path] : [];
  });
}
