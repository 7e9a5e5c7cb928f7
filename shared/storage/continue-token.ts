/**
 * Tokens of paged lists, in upstream's form
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/storage/continue.go).
 */

import { StorageError } from './errors.ts';

/** A token's revision that asks for the newest state: the rest of a list whose own revision is gone. */
export const INCONSISTENT = -1;

export interface ContinuePosition {
  /** First key of the next page, relative to the listed prefix. */
  readonly startKey: string;
  /** Revision of the list, or `INCONSISTENT`. */
  readonly resourceVersion: number;
}

export function encodeContinue(position: ContinuePosition): string {
  const token = { v: 'meta.k8s.io/v1', rv: position.resourceVersion, start: position.startKey };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** Throws InvalidContinueToken with upstream's words. */
export function decodeContinue(token: string): ContinuePosition {
  const value = parse(token);
  if (value['v'] !== 'meta.k8s.io/v1') {
    throw invalid(
      `continue key is not valid: server does not recognize this encoded version ${value['v'] ?? ''}`,
    );
  }
  const resourceVersion = value['rv'] ?? 0;
  const startKey = value['start'] ?? '';
  if (
    typeof resourceVersion !== 'number' ||
    !Number.isSafeInteger(resourceVersion) ||
    typeof startKey !== 'string'
  ) {
    throw invalid('continue key is not valid');
  }
  if (resourceVersion === 0) {
    throw invalid(
      'continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    );
  }
  if (startKey === '') {
    throw invalid('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)');
  }
  // A key that a path clean-up would change could reach outside the listed prefix.
  const segments = startKey.replace(/^\//, '').split('/');
  const last = segments.pop();
  if (
    segments.some((s) => s === '' || s === '.' || s === '..') ||
    last === '' ||
    last === '.' ||
    last === '..'
  ) {
    throw invalid(`continue key is not valid: ${startKey}`);
  }
  return { startKey: startKey.replace(/^\//, ''), resourceVersion };
}

function parse(token: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (typeof value === 'object' && value !== null && /^[A-Za-z0-9_-]*$/.test(token)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Answered below, as every other token that isn't one.
  }
  throw invalid('continue key is not valid');
}

function invalid(message: string): StorageError {
  return new StorageError('InvalidContinueToken', `invalid continue token: ${message}`);
}
