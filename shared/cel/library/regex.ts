/**
 * RE2 regular expressions: `matches`, and Kubernetes' `find` and `findAll`. Matching takes linear time for any pattern.
 */

import { RE2JS } from 're2js';
import { BoundedCache } from '../../util/bounded-cache.ts';
import { checkRegexpSize } from '../../util/regexp-size.ts';
import { type FunctionDeclaration, member } from '../declaration.ts';
import { CelError } from '../error.ts';
import { BOOL, INT, listType, STRING } from '../type.ts';
import { stringList, type Value } from '../value.ts';

const MAX_COMPILED = 512;
/** Longer patterns, and those with larger programs, are not cached: an expression may take them from an object. */
const MAX_LENGTH = 2_000;
const MAX_PROGRAM = 10_000;
/** Compiled patterns by text. */
const compiled = new BoundedCache<string, RE2JS | CelError>({ max: MAX_COMPILED });

/** The compiled pattern, or an error for an invalid one. */
export function compilePattern(pattern: string): RE2JS | CelError {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const result = compileUncached(pattern);
  const size = result instanceof CelError ? 0 : result.programSize();
  if (pattern.length <= MAX_LENGTH && size <= MAX_PROGRAM) compiled.set(pattern, result);
  return result;
}

function compileUncached(pattern: string): RE2JS | CelError {
  try {
    checkRegexpSize(pattern);
    return RE2JS.compile(pattern);
  } catch (error) {
    return new CelError(error instanceof Error ? error.message : String(error));
  }
}

function matches(text: string, pattern: string): Value {
  const regex = compilePattern(pattern);
  return regex instanceof CelError ? regex : regex.matcher(text).find();
}

function illegal(error: CelError): CelError {
  return new CelError(`Illegal regex: ${error.message}`);
}

function find(text: string, pattern: string): Value {
  const regex = compilePattern(pattern);
  if (regex instanceof CelError) return illegal(regex);
  const matcher = regex.matcher(text);
  return matcher.find() ? (matcher.group() ?? '') : '';
}

function findAll(text: string, pattern: string, limit = -1n): Value {
  const regex = compilePattern(pattern);
  if (regex instanceof CelError) return illegal(regex);
  const found: string[] = [];
  const matcher = regex.matcher(text);
  while ((limit < 0n || BigInt(found.length) < limit) && matcher.find()) found.push(matcher.group() ?? '');
  return stringList(found);
}

export const MATCHES: FunctionDeclaration = {
  name: 'matches',
  overloads: [
    { id: 'matches', member: false, args: [STRING, STRING], result: BOOL, call: matches },
    { id: 'matches_string', member: true, args: [STRING, STRING], result: BOOL, call: matches },
  ],
};

export const REGEX: readonly FunctionDeclaration[] = [
  member('find', 'string_find_string', [STRING, STRING], STRING, find),
  member('findAll', 'string_find_all_string', [STRING, STRING], listType(STRING), findAll),
  member('findAll', 'string_find_all_string_int', [STRING, STRING, INT], listType(STRING), findAll),
];
