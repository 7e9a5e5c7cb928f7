/** Runs kubectl against a server: command lines are steps, and their output is the response. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectlPath } from '../fixtures/kubectl.ts';
import type { Reply, Step, Target } from './exchange.ts';

/** The method of steps whose path is a command line without `kubectl`; their body is its standard input. */
export const KUBECTL = 'KUBECTL';

const PATIENCE_MS = 30_000;

/** `flags`: the connection flags for kubectl. */
export function besideKubectl(target: Target, flags: readonly string[]): Target & { close(): void } {
  const cache = mkdtempSync(join(tmpdir(), 'differential-kubectl-'));
  return {
    ...target,
    ask: (step) => (step.method === KUBECTL ? run(step, [...flags, '--cache-dir', cache]) : target.ask(step)),
    close: () => rmSync(cache, { recursive: true, force: true }),
  };
}

/** Splits a command line; single quotes group words. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));

function run({ path, body }: Step, flags: readonly string[]): Promise<Reply> {
  return new Promise((resolve) => {
    const child = execFile(
      kubectlPath(),
      [...wordsOf(path), ...flags],
      { timeout: PATIENCE_MS, env: { HOME: '/nonexistent', PATH: process.env['PATH'], TZ: 'UTC' } },
      (error, stdout, stderr) =>
        resolve({
          status: error === null ? 0 : typeof error.code === 'number' ? error.code : -1,
          contentType: 'application/json',
          warnings: linesOf(stderr),
          text: JSON.stringify(linesOf(stdout)),
        }),
    );
    child.stdin!.on('error', () => {});
    child.stdin!.end(typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body));
  });
}

/** Output that differs between any two runs, and column widths that depend on it. */
const OF_ONE_RUN: readonly (readonly [RegExp, string])[] = [
  [/\bhttps?:\/\/127\.0\.0\.1:\d+/g, '<server>'],
  [/\b127\.0\.0\.1:\d+/g, '<server>'],
  [/\b(?:\d+h)?(?:\d+m)?\d+m?s\b|\b\d+h\d+m\b|\b\d+[hm]\b/g, '<age>'],
  [/(resourceVersion"?: ")\d+/g, '$1<revision>'],
  [/(Resource Version: +)\d+/g, '$1<revision>'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '<token>'],
  [/(nodePort"?: )\d+/g, '$1<port>'],
  [/\b3[0-2]\d{3}(?=\/(?:TCP|UDP|SCTP)\b)/g, '<port>'],
  [/(?<=\/tmp\/(?:LIVE|MERGED)-)\d+/g, '<random>'],
  [/\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [+-]\d{4}/g, '<time>'],
  [/(?<=\bdebugger-)[a-z0-9]{5}\b/g, '<random>'],
  [/\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d [+-]\d{4}/g, '<time>'],
  [/[IWE]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ /g, ''],
  [/(?<=\S) {2,}/g, '  '],
];

function linesOf(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => OF_ONE_RUN.reduce((whole, [from, to]) => whole.replace(from, to), line).trimEnd());
}
