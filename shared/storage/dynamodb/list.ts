/** Lists: what upstream's `ValidateListOptions` and `GetList` make of resourceVersion, match, limit and continue. */

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
  /** Milliseconds that the past is served for. */
  readonly retentionMs: number;
}

/** Which state of the resource a list asks for. */
interface Target {
  readonly freshness: Freshness;
  /** The one revision it must be; unset: any that is fresh enough. */
  readonly exact?: number | undefined;
  /** First key, relative to the prefix. */
  readonly startKey: string;
  /** Seconds since the epoch: when the list began, of which this is a page. */
  readonly at: number;
}

/** So many objects are looked at before others may go first. */
const LOOKS = 256;

/** Where a page takes more rows than it has objects. */
const ROWS_GROWTH = 4;

/** The revision of the pages before, where a token goes on from it in another state. */
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
      // A process may be frozen between two chunks for longer than changes are told: nobody asked for that revision.
      if (target.exact !== undefined || !isStorageError(error, 'Expired')) throw error;
    }
  }
}

async function listOnce<T>(
  { reader, now }: ListSource<T>,
  options: ListOptions,
  { freshness, exact, startKey, at }: Target,
): Promise<ListResult<T>> {
  // Less than one asks for no limit.
  const hasLimit = (options.limit ?? 0) > 0;
  const limit = hasLimit ? options.limit! : Number.POSITIVE_INFINITY;
  const range = rangeOf(options, startKey);
  const items: StoredState<T>[] = [];
  const corrupt: StorageError[] = [];
  let revision = exact;
  // One more tells whether there is more.
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
      if (options.predicate === undefined || options.predicate.matches(state.attributes())) items.push(state);
      if (index % LOOKS === LOOKS - 1) await breathe();
    }
    if (corrupt.length > 0 && chunk.lastKey === undefined) throw corruptList(reader, corrupt);
    if (chunk.lastKey === undefined) return { items, resourceVersion: revision, continue: '' };
    from = `${chunk.lastKey}\0`;
    // Few of what was read were wanted, or alive; or all that is left to know is whether there is more.
    if (maxRows !== undefined) maxRows = items.length === limit ? 1 : maxRows * ROWS_GROWTH;
  }
}

/** So many objects that can't be read are told at once. */
const MAX_CORRUPT = 100;

/** The first of the errors, with all of them. */
function corruptList<T>(reader: ResourceReader<T>, corrupt: readonly StorageError[]): StorageError {
  reader.distrust();
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
    // Upstream's history is one for all resources: a list's revision is gone by then, whatever became of the resource.
    if (now - at * 1000 > retentionMs) throw expiredContinue(options.continue);
    return { freshness: 'latest', exact: position.resourceVersion, startKey, at };
  }
  const revision = parseListVersion(resourceVersion);
  // Before resourceVersionMatch, a limit made a revision exact.
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

/** The keys to read: one alone where the selector pins it. */
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

/** How many objects follow; unknown where nobody has counted them. */
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
    // With a selector nobody knows how many of them match.
    remainingItemCount: options.predicate === undefined ? left : undefined,
  };
}
