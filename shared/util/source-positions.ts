/** Stack traces in terms of sources, in a process whose programs are bundles. */

import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapping } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Where a call site says it is: `file:///dist/local/main.mjs:10:20`. */
const POSITION = /(file:\/\/[^\s()]+|\/[^\s()]+):(\d+):(\d+)(?=\)?$)/;

/** Who is called there: `at async Store.get (`, of which the class is left out where names are others. */
const CALLED = /^((?:async |new )?)(?:[^\s(]+\.)?[^\s(.]+(?: \[as [^\]]+\])?(?= \()/;

/** What stands between where a function begins and its name. */
const BEFORE_NAME = ['', 'async ', 'function ', 'function*', 'async function ', 'async function*'];

/**
 * From now on `error.stack` names sources, as paths from the checkout: `shared/rest/create.ts:12:7`, and functions as
 * these do. A bundle's map is read when the first stack that passes through it is, so that a process without errors never
 * loads any; Node's own `--enable-source-maps` reads each map beside its bundle (Node 20), which a cold start would pay for.
 */
export function showSourcePositions(): void {
  Error.prepareStackTrace = (error, sites) =>
    [nameOf(error), ...sites.map((site) => `    at ${inSources(site)}`)].join('\n');
}

function nameOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

function inSources(site: NodeJS.CallSite): string {
  return withSourceName(site).replace(POSITION, (position, file: string, line: string, column: string) => {
    const entry = entryAt(file, Number(line), Number(column));
    if (entry === undefined) return position;
    const source = entry.originalSource.replace(/^(?:\.\.?\/)+/, '');
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

/** Minified functions have other names; their maps know the sources'. */
function withSourceName(site: NodeJS.CallSite): string {
  const text = String(site);
  const [, file = ''] = POSITION.exec(text) ?? [];
  const name = site.getFunctionName();
  const [line, column] = [site.getEnclosingLineNumber(), site.getEnclosingColumnNumber()];
  if (!name || !line || !column) return text;
  const written = bundleOf(file)?.lines[line - 1] ?? '';
  // `#f(`, `function f(`, or `f=(`.
  const place = [...BEFORE_NAME.map(({ length }) => column + length), column - name.length - 1].find((at) =>
    written.startsWith(name, at - 1),
  );
  const original = place && entryAt(file, line, place)?.name;
  return original ? text.replace(CALLED, (_, before: string) => before + original) : text;
}

/** The map's entry for a place in a bundle, both counted from 1. Node's types leave out that it has a name. */
function entryAt(file: string, line: number, column: number) {
  const entry = bundleOf(file)?.map.findEntry(line - 1, column - 1);
  return entry !== undefined && 'originalSource' in entry
    ? (entry as SourceMapping & { readonly name?: string })
    : undefined;
}

interface Bundle {
  readonly map: SourceMap;
  readonly lines: readonly string[];
}

const bundles = new Map<string, Bundle | undefined>();

/** A bundle that has a map beside it; undefined for all other files. */
function bundleOf(file: string): Bundle | undefined {
  if (!bundles.has(file)) bundles.set(file, readBundle(file));
  return bundles.get(file);
}

function readBundle(file: string): Bundle | undefined {
  try {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    const map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')));
    return { map, lines: readFileSync(path, 'utf8').split('\n') };
  } catch {
    return undefined;
  }
}
