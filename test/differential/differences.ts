/** The differences between two responses, with their cause: differences of the same cause have the same text. */

import { isAwaited, type Step } from './exchange.ts';
import type { Answer } from './normalise.ts';

export interface Difference {
  readonly cause: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Empty for equal responses. If the status differs, nothing else is compared. */
export function differencesOf(expected: Answer, actual: Answer): Difference[] {
  if (expected.status !== actual.status) {
    const cause = `status ${expected.status} -> ${actual.status}: ${abstract(messageOf(expected) || messageOf(actual))}`;
    return [{ cause, expected: shown(expected), actual: shown(actual) }];
  }
  const found: Difference[] = [];
  for (const part of ['contentType', 'warnings', 'body', 'asked', 'events'] as const)
    compare(expected[part], actual[part], part, found);
  if (expected.headers !== undefined) compare(expected.headers, actual.headers ?? {}, 'headers', found);
  return found;
}

/** A step whose expected status never came, on either server; later comparisons are meaningless. */
export function vainWaits(step: Pick<Step, 'until'>, { status, body }: Answer): Difference[] {
  if (isAwaited(step, status)) return [];
  return [{ cause: `waited in vain for ${step.until}`, expected: step.until, actual: body }];
}

const shown = ({ status, body }: Answer): string => `${status} ${JSON.stringify(body).slice(0, 300)}`;

function messageOf({ body }: Answer): string {
  return String((body as { message?: unknown } | null)?.message ?? '');
}

/** Replaces the specifics of a case: quoted texts, numbers, indices. */
function abstract(text: string): string {
  return text
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\[[\w.-]+\]/g, '[]')
    .replace(/\d+/g, '#')
    .slice(0, 200);
}

function compare(expected: unknown, actual: unknown, path: string, found: Difference[]): void {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) {
      found.push({
        cause: `${path}: ${expected.length < actual.length ? 'more' : 'fewer'} elements`,
        expected,
        actual,
      });
      return;
    }
    for (const [index, value] of expected.entries()) compare(value, actual[index], `${path}[]`, found);
    return;
  }
  if (isObject(expected) && isObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const at = `${path}.${abstract(key)}`;
      if (!Object.hasOwn(actual, key))
        found.push({ cause: `${at}: missing`, expected: expected[key], actual: undefined });
      else if (!Object.hasOwn(expected, key))
        found.push({ cause: `${at}: extra`, expected: undefined, actual: actual[key] });
      else compare(expected[key], actual[key], at, found);
    }
    return;
  }
  if (expected === actual) return;
  const values = [expected, actual].map((value) =>
    abstract(
      JSON.stringify(value) === undefined
        ? 'undefined'
        : typeof value === 'string'
          ? value
          : JSON.stringify(value),
    ),
  );
  found.push({ cause: `${path}: ${values[0]} -> ${values[1]}`, expected, actual });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
