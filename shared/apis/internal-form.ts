/**
 * Formats values of upstream's internal types as in its messages: JSON with Go's names and all fields. Loaded with the
 * first such message.
 */

import { marshalJSON } from '../runtime/go-format.ts';
import { describeDifference } from '../util/describe-difference.ts';
import { unifiedDiff } from '../util/unified-diff.ts';
import readForms from './internal-forms.json?text';

/** The name in the message ('' to inline a struct), the versioned name, and the type. */
export type InternalField = readonly [shown: string, name: string, holds: unknown];

/** Keyed by type, such as `core.PodSpec`. */
export type InternalForms = Readonly<Record<string, readonly InternalField[]>>;

type Struct = Readonly<Record<string, unknown>>;

/** The type of a field; otherwise it is given by its zero value. */
interface Holds {
  readonly struct?: string;
  readonly pointer?: string;
  readonly list?: string;
  readonly map?: string;
}

/** Longer differences are computed per field, because upstream's algorithm takes quadratic time. */
const MAX_LINES = 1000;

let forms: InternalForms | undefined;

function formOf(type: string): readonly InternalField[] {
  forms ??= JSON.parse(readForms()) as InternalForms;
  return forms[type]!;
}

/** Converts a versioned value of a type such as `core.PodSpec`, or a list of these. */
export function internalForm(type: string, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  return Array.isArray(value)
    ? value.map((element) => structForm(type, element as Struct))
    : structForm(type, value as Struct);
}

function structForm(type: string, value: Struct | null | undefined): Struct {
  const own = value ?? {};
  const shown: Record<string, unknown> = {};
  for (const [name, from, holds] of formOf(type)) {
    const member = own[from];
    if (name !== '') shown[name] = heldForm(holds, member);
    // An embedded struct is a field in some versions and inlined in others.
    else Object.assign(shown, heldForm(holds, member ?? (isStruct(holds) ? own : {})));
  }
  return shown;
}

const isStruct = (holds: unknown): boolean =>
  typeof holds === 'object' && holds !== null && 'struct' in holds;

function heldForm(holds: unknown, value: unknown): unknown {
  const { struct, pointer, list, map } = (holds ?? {}) as Holds;
  if (struct !== undefined) return structForm(struct, value as Struct);
  if (value === null || value === undefined) return (pointer ?? list ?? map) === undefined ? holds : null;
  if (pointer !== undefined) return structForm(pointer, value as Struct);
  if (list !== undefined) return (value as Struct[]).map((element) => structForm(list, element));
  if (map === undefined) return value;
  const entries = Object.entries(value as Record<string, Struct>).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([key, element]) => [key, map === '' ? element : structForm(map, element)]),
  );
}

/** The difference between two values of a type in upstream's format. */
export function internalDifference(type: string, before: unknown, after: unknown): string {
  const [old, now] = [before, after].map((value) => marshalJSON(internalForm(type, value), 1)) as [
    string,
    string,
  ];
  const isLong = [old, now].some((text) => text.split('\n', MAX_LINES + 1).length > MAX_LINES);
  return isLong ? describeDifference(before, after) : unifiedDiff(old, now);
}
