/**
 * JSON Patch (RFC 6902) with upstream's extensions: negative indexes count from the end, indexes may have leading
 * zeros, `replace` sets a missing key, and text before a path's first slash is ignored
 * (https://github.com/evanphx/json-patch, v4).
 */

import { isDeepStrictEqual } from 'node:util';
import { MAX_DEPTH } from '../../runtime/serializer/json/syntax-error.ts';
import type { FieldSchema, TypeSchema } from '../../runtime/type-schema.ts';
import { atOnce, breathe, inPieces } from '../../util/breathe.ts';
import { deepCopy } from '../../util/deep-copy.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import { isDeeperThan, setOwn } from '../../util/json.ts';
import { invalid } from '../field-error.ts';
import { newInvalid, newRequestEntityTooLarge, type StatusError } from '../status-error.ts';
import {
  newUnprocessablePatch,
  type PatchOptions,
  readPatch,
  type UntypedPatchResult,
} from './patch-result.ts';

const MAX_JSON_PATCH_OPERATIONS = 10_000;
/** Maximum bytes of JSON that the `copy` operations of a patch may add. */
const MAX_COPY_BYTES = 3 * 1024 * 1024;

interface Operation {
  readonly op: string;
  readonly path?: string;
  readonly from?: string;
  readonly value: unknown;
}

const optional = (name: string, schema: TypeSchema): FieldSchema => ({
  name,
  schema,
  required: false,
  omitempty: true,
  omitzero: false,
  pointer: true,
  patchStrategies: [],
});
const STRING: TypeSchema = { kind: 'scalar', type: 'string' };
const OPERATIONS: TypeSchema = {
  kind: 'list',
  listType: 'atomic',
  listMapKeys: [],
  element: {
    kind: 'struct',
    name: 'handlers.jsonPatchOp',
    atomic: false,
    fields: new Map([
      ['op', { ...optional('op', STRING), omitempty: false, pointer: false }],
      ['path', optional('path', STRING)],
      ['from', optional('from', STRING)],
      ['value', { ...optional('value', { kind: 'untyped', type: 'any' }), omitempty: false }],
    ]),
  },
};

const tooDeep = (): StatusError =>
  newInvalid({ group: '', kind: '' }, '', [
    invalid('patch', '', `values are nested deeper than ${MAX_DEPTH} levels`),
  ]);

/** A patch that can't be applied, with the text of https://github.com/evanphx/json-patch. */
export class JSONPatchError extends Error {
  override readonly name: string = 'JSONPatchError';
}

/** A failed `test` operation. */
export class JSONPatchTestError extends JSONPatchError {
  override readonly name = 'JSONPatchTestError';
}

class MissingPathError extends JSONPatchError {
  override readonly name = 'MissingPathError';
}

/**
 * Takes ownership of `current`. Yields to the event loop between operations, each of which may move a whole list.
 * Rejects with a 400 for an invalid patch, 413 for too many operations, and 422 for one that can't be applied or nests
 * too deeply.
 */
export async function applyJSONPatch(
  current: unknown,
  patch: Uint8Array,
  { strict = false }: PatchOptions = {},
): Promise<UntypedPatchResult> {
  const prefix = strict ? 'error decoding patch: ' : '';
  const { value, strictErrors } = await inPieces(readPatch(patch, OPERATIONS, { strict, prefix }));
  const operations = (value ?? []) as Operation[];
  if (operations.length > MAX_JSON_PATCH_OPERATIONS) {
    throw newRequestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${MAX_JSON_PATCH_OPERATIONS}, got ${operations.length}`,
    );
  }
  const document = new PatchedDocument(current);
  try {
    for (const operation of operations) {
      const pause = breathe();
      if (pause !== undefined) await pause;
      document.apply(operation);
    }
  } catch (error) {
    if (error instanceof JSONPatchError) throw newUnprocessablePatch(error);
    throw error;
  }
  // Moves into new values and copies can exceed the maximum depth of a text.
  if (await inPieces(isDeeperThan(MAX_DEPTH, document.root))) throw tooDeep();
  return {
    value: document.root,
    strictErrors: strictErrors.map((text) => `json patch ${text}`),
    maps: document.maps,
  };
}

type Container = unknown[] | Record<string, unknown>;

interface Place {
  readonly container: Container;
  readonly key: string;
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;
const decodeKey = (token: string): string => token.replace(/~[01]/g, (code) => (code === '~1' ? '/' : '~'));

class PatchedDocument {
  root: unknown;
  /** Containers that were accessed. */
  readonly maps = new WeakSet<object>();
  #copiedBytes = 0;

  constructor(root: unknown) {
    this.root = root;
  }

  apply({ op, path, from, value }: Operation): void {
    if (path === undefined) throw new JSONPatchError(`${op} operation failed to decode path: ${MISSING}`);
    switch (op) {
      case 'add':
        within(`error in add for path: '${path}'`, () =>
          add(this.#find(path, `add operation does not apply: doc is missing path: "${path}"`), value),
        );
        break;
      case 'remove':
        within(`error in remove for path: '${path}'`, () =>
          remove(this.#find(path, `remove operation does not apply: doc is missing path: "${path}"`)),
        );
        break;
      case 'replace':
        this.#replace(path, value);
        break;
      case 'move':
        this.#move(from, path);
        break;
      case 'copy':
        this.#copy(from, path);
        break;
      case 'test':
        this.#test(path, value);
        break;
      default:
        throw new JSONPatchError(`Unexpected kind: ${op}`);
    }
  }

  /** `missing` is the error if a parent doesn't exist. */
  #find(path: string, missing: string): Place {
    const [, ...tokens] = path.split('/').map(decodeKey);
    const key = tokens.pop();
    let container: unknown = this.root;
    if (isContainer(container)) this.maps.add(container);
    for (const token of tokens) {
      if (!isContainer(container)) break;
      container =
        Array.isArray(container) && !isIndexOf(container, token) ? undefined : get({ container, key: token });
      if (isContainer(container)) this.maps.add(container);
    }
    if (key === undefined || !isContainer(container)) throw new MissingPathError(`${missing}: ${MISSING}`);
    return { container, key };
  }

  #replace(path: string, value: unknown): void {
    if (path === '') {
      if (!isContainer(value)) throw new JSONPatchError('replace operation value must be object or array');
      this.root = value;
      return;
    }
    const place = this.#find(path, `replace operation does not apply: doc is missing path: ${path}`);
    const missingKey = `replace operation does not apply: doc is missing key: ${path}: ${MISSING}`;
    if (!Array.isArray(place.container)) setOwn(place.container, place.key, value);
    else if (!isIndexOf(place.container, place.key)) throw new JSONPatchError(missingKey);
    else place.container[existingIndex(place.container, place.key)] = value;
  }

  #move(from: string | undefined, path: string): void {
    if (from === undefined) throw new JSONPatchError(`move operation failed to decode from: ${NO_FROM}`);
    const source = this.#find(from, `move operation does not apply: doc is missing from path: ${from}`);
    const value = within(`error in move for path: '${source.key}'`, () => {
      const moved = get(source);
      remove(source);
      return moved;
    });
    within(`error in move for path: '${path}'`, () =>
      add(this.#find(path, `move operation does not apply: doc is missing destination path: ${path}`), value),
    );
  }

  #copy(from: string | undefined, path: string): void {
    if (from === undefined) throw new JSONPatchError(`copy operation failed to decode from: ${NO_FROM}`);
    const value = within(`error in copy for from: '${from}'`, () =>
      get(this.#find(from, `copy operation does not apply: doc is missing from path: ${from}`)),
    );
    const place = this.#find(path, `copy operation does not apply: doc is missing destination path: ${path}`);
    if (atOnce(isDeeperThan(MAX_DEPTH, value))) throw tooDeep();
    this.#copiedBytes += value === undefined ? 0 : Buffer.byteLength(stringifyJSON(value));
    if (this.#copiedBytes > MAX_COPY_BYTES) {
      throw new JSONPatchError(`copied ${this.#copiedBytes} bytes, the limit is ${MAX_COPY_BYTES}`);
    }
    within('error while adding value during copy', () => add(place, deepCopy(value ?? null)));
  }

  #test(path: string, expected: unknown): void {
    const value =
      path === ''
        ? this.root
        : within(`error in test for path: '${path}'`, () =>
            get(this.#find(path, `test operation does not apply: is missing path: ${path}`)),
          );
    if (!isDeepStrictEqual(value ?? null, expected ?? null)) {
      throw new JSONPatchTestError(`testing value ${path} failed: test failed`);
    }
  }
}

const MISSING = 'missing value';
const NO_FROM = `operation, missing from field: ${MISSING}`;
const BAD_INDEX = 'invalid index referenced';

/** Adds the location to errors of an operation, except for a missing path, which includes it. */
function within<T>(where: string, operate: () => T): T {
  try {
    return operate();
  } catch (error) {
    if (!(error instanceof JSONPatchError) || error instanceof MissingPathError) throw error;
    throw new JSONPatchError(`${where}: ${error.message}`);
  }
}

function isIndexOf(list: readonly unknown[], key: string): boolean {
  const index = /^[+-]?\d+$/.test(key) ? Number(key) : Number.NaN;
  return index < list.length && index >= -list.length;
}

/** Go's `strconv.Atoi`. */
function parseIndex(key: string): number {
  if (!/^[+-]?\d+$/.test(key)) throw new JSONPatchError(`value was not a proper array index: '${key}'`);
  return Number(key);
}

/** An index from 0 up to `end`; negative indexes count from `end`. */
function indexUpTo(end: number, key: string): number {
  const index = parseIndex(key);
  if (index >= end || index < -end) {
    throw new JSONPatchError(`Unable to access invalid index: ${index}: ${BAD_INDEX}`);
  }
  return index < 0 ? index + end : index;
}

const existingIndex = (list: readonly unknown[], key: string): number => indexUpTo(list.length, key);

function get({ container, key }: Place): unknown {
  if (Array.isArray(container)) return container[existingIndex(container, key)];
  return Object.hasOwn(container, key) ? container[key] : undefined;
}

function add({ container, key }: Place, value: unknown): void {
  if (!Array.isArray(container)) setOwn(container, key, value ?? null);
  else if (key === '-') container.push(value ?? null);
  else container.splice(indexUpTo(container.length + 1, key), 0, value ?? null);
}

function remove({ container, key }: Place): void {
  if (Array.isArray(container)) container.splice(existingIndex(container, key), 1);
  else if (Object.hasOwn(container, key)) delete container[key];
  else throw new JSONPatchError(`Unable to remove nonexistent key: ${key}: ${MISSING}`);
}
