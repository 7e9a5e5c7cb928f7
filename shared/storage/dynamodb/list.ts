/** Lists with upstream's semantics of resourceVersion, match, limit and continue (`ValidateListOptions`, `GetList`). */

import { breathe } from '../../util/breathe.ts';
import { decodeContinue, encodeContinue, INCONSISTENT } from '../continue-token.ts';
import { isStorageError, StorageError } from '../errors.ts';
import { parseResourceVersion } from '../resource-version.ts';
import type { ListOptions, ListResult } from '../storage.ts';
import type { StoredState } from '../stored-state.ts';
import type { KeyRange } from './object-rows.ts';
import type { Chunk } from './range-reader.ts';
import { type ChunkOptions, type Freshness, newest, type ResourceReader } from './resource-reader.ts';

export interface ListSource<T> {
  readonly reader: ResourceReader<T>;
  readonly now: number;
  /** Milliseconds for which past revisions are served. */
  readonly retentionMs: number;
}

/** The state of the resource that a list requests. */
interface Target {
  readonly freshness: Freshness;
  /** The exact revision required; unset: any that is fresh enough. */
  readonly exact?: number | undefined;
  /** First key, relative to the prefix. */
  readonly startKey: string;
  /** Seconds since the epoch: when the first page of the list was requested. */
  readonly at: number;
}

/** Number of objects visited before the event loop may run other work. */
const YIELD_EVERY = 256;

/** Factor by which more rows are read when a page needs more rows than it has objects. */
const ROWS_GROWTH = 4;

/** The revision of the earlier pages, if a token continues a list from a different state. */
export function leftBehind(token: string | undefined): number | undefined {
  const position = token ? decodeContinue(token) : undefined;
  return position?.resourceVersion === INCONSISTENT ? position.since : undefined;
}

export async function list<T>(source: ListSource<T>, options: ListOptions): Promise<ListResult<T>> {
  const target = targetOf(options, source.now, source.retentionMs);
  for (;;) {
    try {
      return await listOnce(source, options, target);
    } catch (error) {
      // The process may have been frozen between two chunks for longer than changes are kept. The client didn't ask for
      // that revision, so start over.
      if (target.exact !== undefined || !isStorageError(error, 'Expired')) throw error;
    }
  }
}

async function listOnce<T>(
  { reader, now }: ListSource<T>,
  options: ListOptions,
  { freshness, exact, startKey, at }: Target,
): Promise<ListResult<T>> {
  // A limit below one means no limit.
  const hasLimit = (options.limit ?? 0) > 0;
  const limit = hasLimit ? options.limit! : Number.POSITIVE_INFINITY;
  const range = rangeOf(options, startKey);
  const items: StoredState<T>[] = [];
  const corrupt: StorageError[] = [];
  let revision = exact;
  // One more row tells whether a page follows.
  let maxRows = hasLimit ? limit + 1 : undefined;
  for (let from: string | undefined = range.from; ; ) {
    const chunk: Chunk<T> = await readChunk(
      reader,
      { ...range, from },
      { freshness, exact: revision, maxRows, options },
    );
    revision = chunk.revision;
    const states = chunk.states.filter((state) => !state.expiredAt(now));
    for (const [index, state] of states.entries()) {
      if (items.length === limit) {
        if (corrupt.length > 0) throw corruptList(reader, corrupt);
        const lastKey = index === 0 ? state.key : states[index - 1]!.key;
        return page(items, {
          revision,
          at,
          options,
          startKey: index === 0 ? lastKey : `${lastKey}\0`,
          left: leftOf(chunk, states.length - index),
        });
      }
      if (state.corrupt !== undefined) {
        corrupt.push(state.corrupt);
        if (corrupt.length === MAX_CORRUPT) throw corruptList(reader, corrupt);
        continue;
      }
      if (options.predicate !== undefined && state.hasUnreadAttributes) await state.readAttributes();
      if (options.predicate === undefined || options.predicate.matches(state.attributes())) items.push(state);
      if (index % YIELD_EVERY === YIELD_EVERY - 1) await breathe();
    }
    if (corrupt.length > 0 && chunk.lastKey === undefined) throw corruptList(reader, corrupt);
    if (chunk.lastKey === undefined) return { items, resourceVersion: revision, continue: '' };
    from = `${chunk.lastKey}\0`;
    // Few of the rows matched or were alive; or the page is full, and one row tells whether more follow.
    if (maxRows !== undefined) maxRows = items.length === limit ? 1 : maxRows * ROWS_GROWTH;
  }
}

/** Maximum number of unreadable objects reported at once. */
const MAX_CORRUPT = 100;

/** The first of the errors, with all of them in its details. */
function corruptList<T>(reader: ResourceReader<T>, corrupt: readonly StorageError[]): StorageError {
  reader.invalidate();
  const { message, details } = corrupt[0]!;
  return new StorageError('CorruptObject', message, { ...details, corrupt });
}

function targetOf(options: ListOptions, now: number, retentionMs: number): Target {
  const { resourceVersion = '', resourceVersionMatch: match = '' } = options;
  const begun = Math.floor(now / 1000);
  if (options.continue) {
    const position = decodeContinue(options.continue);
    if (resourceVersion !== '' && resourceVersion !== '0') {
      throw new StorageError(
        'InvalidContinueToken',
        'specifying resource version is not allowed when using continue',
      );
    }
    const { startKey, at = begun } = position;
    if (position.resourceVersion === INCONSISTENT) {
      return { freshness: 'latest', exact: undefined, startKey, at: begun };
    }
    // Upstream's history is one for all resources: a list's revision expires by time, whatever happened to the
    // resource.
    if (now - at * 1000 > retentionMs) throw expiredContinue(options.continue);
    return { freshness: 'latest', exact: position.resourceVersion, startKey, at };
  }
  const revision = parseListVersion(resourceVersion);
  // Before resourceVersionMatch existed, a limit made a revision exact.
  const exact = revision > 0 && (match === 'Exact' || (match === '' && (options.limit ?? 0) > 0));
  const freshness = resourceVersion === '' ? newest(options) : revision === 0 ? 'any' : revision;
  return { freshness, exact: exact ? revision : undefined, startKey: '', at: begun };
}

function parseListVersion(resourceVersion: string): number {
  try {
    return parseResourceVersion(resourceVersion);
  } catch (error) {
    if (!isStorageError(error)) throw error;
    throw new StorageError(error.code, `invalid resource version: ${error.message}`, error.details);
  }
}

/** The keys to read: a single one if the selector determines it. */
function rangeOf({ prefix, predicate }: ListOptions, startKey: string): KeyRange {
  const from = prefix + startKey;
  const namespace = prefix.endsWith('/')
    ? prefix
    : predicate?.metadataNamespace && `${predicate.metadataNamespace}/`;
  if (!namespace || predicate?.metadataName === undefined || !namespace.startsWith(prefix))
    return { prefix, from };
  const key = namespace + predicate.metadataName;
  return { prefix: key, from: startKey === '' ? key : from, to: key };
}

async function readChunk<T>(
  reader: ResourceReader<T>,
  range: KeyRange,
  { options, ...chunk }: ChunkOptions & { readonly options: ListOptions },
): Promise<Chunk<T>> {
  try {
    return await reader.chunk(range, chunk);
  } catch (error) {
    if (!isStorageError(error, 'Expired')) throw error;
    throw options.continue ? expiredContinue(options.continue) : expiredList();
  }
}

function expiredList(): StorageError {
  return new StorageError('Expired', 'The resourceVersion for the provided list is too old.');
}

function expiredContinue(token: string): StorageError {
  const { startKey, resourceVersion: since } = decodeContinue(token);
  return new StorageError(
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list ' +
      'without the continue parameter, or use the continue token in this response to retrieve the remainder of the ' +
      'results. Continuing with the provided token results in an inconsistent list - objects that were created, ' +
      'modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    { continue: encodeContinue({ startKey, resourceVersion: INCONSISTENT, since }) },
  );
}

/** Number of objects that follow; undefined if not known. */
function leftOf<T>(
  { lastKey, left = lastKey === undefined ? 0 : undefined }: Chunk<T>,
  inChunk: number,
): number | undefined {
  return left === undefined ? undefined : inChunk + left;
}

function page<T>(
  items: readonly StoredState<T>[],
  {
    revision,
    at,
    options,
    startKey,
    left,
  }: { revision: number; at: number; options: ListOptions; startKey: string; left: number | undefined },
): ListResult<T> {
  return {
    items,
    resourceVersion: revision,
    continue: encodeContinue({
      startKey: startKey.slice(options.prefix.length),
      resourceVersion: revision,
      at,
    }),
    // With a selector, the number of matching objects is unknown.
    remainingItemCount: options.predicate === undefined ? left : undefined,
  };
}
