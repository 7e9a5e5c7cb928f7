/**
 * Tokens of paged lists, in upstream's form
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/storage/continue.go).
 */

import { checkSyntax } from '../runtime/serializer/json/syntax-error.ts';
import { StorageError } from './errors.ts';

/** A token's revision that requests the newest state, for the rest of a list whose own revision has expired. */
export const INCONSISTENT = -1;

export interface ContinuePosition {
  /** First key of the next page, relative to the listed prefix. */
  readonly startKey: string;
  /** Revision of the list, or `INCONSISTENT`. */
  readonly resourceVersion: number;
  /** Seconds since the epoch when the list began. Optional, since upstream's tokens don't have it. */
  readonly at?: number | undefined;
  /** With `INCONSISTENT`: the expired revision of the earlier pages. */
  readonly since?: number | undefined;
}

export function encodeContinue(position: ContinuePosition): string {
  const { resourceVersion: rv, startKey: start, at, since } = position;
  const token = { v: 'meta.k8s.io/v1', rv, start, at, since };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** Throws InvalidContinueToken with upstream's messages. */
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
    const field = typeof startKey === 'string' ? 'rv' : 'start';
    const [bad, type] = field === 'rv' ? [resourceVersion, 'int64'] : [startKey, 'string'];
    const kind = typeof bad === 'number' && field === 'rv' ? `number ${bad}` : goKind(bad);
    throw invalid(
      `continue key is not valid: json: cannot unmarshal ${kind} into Go struct field continueToken.${field} of type ${type}`,
    );
  }
  if (resourceVersion === 0) {
    throw invalid(
      'continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    );
  }
  if (startKey === '') {
    throw invalid('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)');
  }
  // A key that path cleaning would change could reach outside the listed prefix.
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
  const { at, since } = value;
  return {
    startKey: startKey.replace(/^\//, ''),
    resourceVersion,
    ...(typeof at === 'number' && { at }),
    ...(typeof since === 'number' && { since }),
  };
}

/** Syntax errors have Go's messages, behind a common prefix. */
function parse(token: string): Record<string, unknown> {
  const refuse = (why: string) => invalid(`continue key is not valid: ${why}`);
  const bad = badOffset(token);
  if (bad !== undefined) throw refuse(`illegal base64 data at input byte ${bad}`);
  const bytes = Buffer.from(token, 'base64url');
  try {
    checkSyntax(bytes);
  } catch (error) {
    throw refuse((error as Error).message);
  }
  const value: unknown = JSON.parse(bytes.toString());
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw refuse(`json: cannot unmarshal ${goKind(value)} into Go value of type storage.continueToken`);
  }
  return (value ?? {}) as Record<string, unknown>;
}

/** Go's name of a JSON value's type. */
function goKind(value: unknown): string {
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The offset at which Go's `RawURLEncoding` fails; undefined: it doesn't. Line breaks are ignored. */
function badOffset(token: string): number | undefined {
  const at = token.search(/[^A-Za-z0-9_\-\r\n]/);
  if (at >= 0) return at;
  return token.replace(/[\r\n]/g, '').length % 4 === 1 ? token.length - 1 : undefined;
}

function invalid(message: string): StorageError {
  return new StorageError('InvalidContinueToken', `invalid continue token: ${message}`);
}
