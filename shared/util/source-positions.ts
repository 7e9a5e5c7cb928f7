/** Stack traces with source positions, for processes whose programs are bundles. */

import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapping } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The position in a call site: `file:///dist/local/main.mjs:10:20`. */
const POSITION = /(file:\/\/[^\s()]+|\/[^\s()]+):(\d+):(\d+)(?=\)?$)/;

/** The function in a call site: `at async Store.get (`. The class is dropped where names are replaced. */
const CALLED = /^((?:async |new )?)(?:[^\s(]+\.)?[^\s(.]+(?: \[as [^\]]+\])?(?= \()/;

/** Texts between the start of a function and its name. */
const BEFORE_NAME = ['', 'async ', 'function ', 'function*', 'async function ', 'async function*'];

/**
 * Makes `error.stack` show source paths from the checkout (`shared/rest/create.ts:12:7`) and source names of functions.
 * A bundle's map is read with the first stack that passes through it, so that a process without errors never loads one;
 * Node's own `--enable-source-maps` reads each map with its bundle (Node 20), which would slow every cold start.
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

/** Replaces the name of a minified function by its name in the source map. */
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

/** The map's entry for a position in a bundle, line and column counted from 1. Node's types omit the entry's `name`. */
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

/** A bundle that has a map beside it; undefined for any other file. */
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
