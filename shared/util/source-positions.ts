/** Stack traces in terms of sources, in a process whose programs are bundles. */

import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Where a call site says it is: `file:///dist/local/main.mjs:10:20`. */
const POSITION = /(file:\/\/[^\s()]+|\/[^\s()]+):(\d+):(\d+)(?=\)?$)/;

/**
 * From now on `error.stack` names sources, as paths from the checkout: `shared/rest/create.ts:12:7`. A bundle's map is
 * read when the first stack that passes through it is, so that a process without errors never loads any; Node's own
 * `--enable-source-maps` reads each map beside its bundle (Node 20), which a cold start would pay for.
 */
export function showSourcePositions(): void {
  Error.prepareStackTrace = (error, sites) =>
    [nameOf(error), ...sites.map((site) => `    at ${inSources(String(site))}`)].join('\n');
}

function nameOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

function inSources(site: string): string {
  return site.replace(POSITION, (position, file: string, line: string, column: string) => {
    const entry = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !('originalSource' in entry)) return position;
    const source = entry.originalSource.replace(/^(?:\.\.?\/)+/, '');
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

const maps = new Map<string, SourceMap | undefined>();

/** The map beside a bundle; undefined for all other files. */
function mapOf(file: string): SourceMap | undefined {
  if (!maps.has(file)) maps.set(file, readMap(file));
  return maps.get(file);
}

function readMap(file: string): SourceMap | undefined {
  try {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    return new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')));
  } catch {
    return undefined;
  }
}
