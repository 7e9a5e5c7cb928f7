import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { gvkOf } from '../../../shared/runtime/group-version.ts';
import type { ScalarType, TypeSchema } from '../../../shared/runtime/type-schema.ts';
import { builtinScheme } from '../../../shared/server/builtin-scheme.ts';
import { deepCopy } from '../../../shared/util/deep-copy.ts';
import type { Session, Step } from '../exchange.ts';
import { CONTROLLED, endOf, type ServedResource } from './served-resources.ts';

type Place = readonly (string | number)[];

const VALUES: Readonly<Record<ScalarType, readonly unknown[]>> = {
  string: ['', 'a', 'A b', '1', 'x'.repeat(300), 'a/b', '/a/../b'],
  boolean: [true, false],
  int32: [0, 1, -1, 70_000],
  int64: [0, 1, -1, 5e9],
  double: [0, 1.5, -1],
  bytes: ['', 'YQ==', 'a'],
  quantity: ['0', '1', '-1', '1.5', '1Gi', 'x', 2],
  'int-or-string': [0, 1, -1, '50%', 'x', '150%', 70_000, ''],
  time: ['2020-01-01T00:00:00Z', 'x'],
  'micro-time': ['2020-01-01T00:00:00.000000Z'],
  duration: ['1s', '-1s', '0s', 'x'],
};
const UNTYPED = [{}, { a: 1 }, [], 'x', 1, null, true];
const KEYS = ['a', 'A b', 'x.io/y', ''];

/** How often a type is covered, over all places where it occurs. */
const TIMES = 3;

/** Sets each field of a kind's type individually in the kind's sample, in dry-run creates. */
export function everyField(resources: readonly ServedResource[]): Session[] {
  const seen = new Map<string, number>();
  return resources.map(({ path, sample }) => ({
    name: `every field of ${path}`,
    steps: placesIn(sample, seen, (field) => field !== 'status').map(([place, value]): Step => {
      const body = withValue(sample, place, value);
      return { method: 'POST', path: `${path}?dryRun=All&fieldValidation=Warn`, body };
    }),
  }));
}

/** Sets each field individually, including those of the status, in a stored object, by dry-run patches. */
export function everyChange(resources: readonly ServedResource[]): Session[] {
  const seen = new Map<string, number>();
  return resources.map((served) => {
    const { path, sample, resource } = served;
    const one = `${path}/${sample.metadata.name}`;
    const patch = ([place, value]: PlacedValue): Step => {
      const [field] = place as [string];
      const at = field === 'status' ? `${one}/status` : one;
      const body = { [field]: (withValue(sample, place, value) as Record<string, unknown>)[field] };
      return {
        method: 'PATCH',
        path: `${at}?dryRun=All&fieldManager=f`,
        headers: { 'content-type': 'application/merge-patch+json' },
        body,
      };
    };
    return {
      name: `every change of ${path}`,
      steps: [
        { method: 'POST', path, body: sample, ...(CONTROLLED.has(resource) && { settles: one }) },
        ...placesIn(sample, seen, () => true).map(patch),
        ...endOf(served),
      ],
    };
  });
}

/** Values per place, fewer to save time. */
const APPLIED_VALUES = 2;

/** Applies each field individually to a stored object: conflicts and field ownership. */
export function everyApply(resources: readonly ServedResource[]): Session[] {
  const seen = new Map<string, number>();
  return resources.map((served) => {
    const { path, sample, resource } = served;
    const { apiVersion, kind, metadata } = sample;
    const one = `${path}/${metadata.name}`;
    const apply = ([place, value]: PlacedValue, query: string): Step => {
      const at = place[0] === 'status' ? `${one}/status` : one;
      const empty = { apiVersion, kind, metadata: { name: metadata.name } };
      return {
        method: 'PATCH',
        path: `${at}?dryRun=All&fieldManager=f${query}`,
        headers: { 'content-type': 'application/apply-patch+yaml' },
        body: withValue(empty, place, value),
      };
    };
    const counts = new Map<string, number>();
    const places = placesIn(sample, seen, (field) => field !== 'metadata').filter(([place]) => {
      const count = (counts.get(place.join()) ?? 0) + 1;
      counts.set(place.join(), count);
      return count <= APPLIED_VALUES;
    });
    return {
      name: `every apply to ${path}`,
      steps: [
        { method: 'POST', path, body: sample, ...(CONTROLLED.has(resource) && { settles: one }) },
        ...places.flatMap((placed) => [apply(placed, ''), apply(placed, '&force=true')]),
        ...endOf(served),
      ],
    };
  });
}

type PlacedValue = readonly [Place, unknown];

function placesIn(
  sample: KubeObject,
  seen: Map<string, number>,
  isAsked: (field: string) => boolean,
): PlacedValue[] {
  const schema = builtinScheme().scheme.schema(gvkOf(sample));
  return [...placesOf(schema, [], seen)].filter(
    ([[field]]) =>
      field !== undefined && field !== 'apiVersion' && field !== 'kind' && isAsked(String(field)),
  );
}

function* placesOf(
  schema: TypeSchema,
  place: Place,
  seen: Map<string, number>,
): Generator<readonly [Place, unknown]> {
  if (schema.kind === 'scalar') {
    for (const value of [...(schema.enum ?? []), ...VALUES[schema.type], null]) yield [place, value];
  } else if (schema.kind === 'untyped') {
    for (const value of UNTYPED) yield [place, value];
  } else if (schema.kind === 'list') {
    const element = sampleOf(schema.element);
    for (const value of [[], [null], [element], [element, element]]) yield [place, value];
    yield* placesOf(schema.element, [...place, 0], seen);
  } else if (schema.kind === 'map') {
    for (const key of KEYS) yield [place, { [key]: sampleOf(schema.element) }];
    yield* placesOf(schema.element, [...place, 'a'], seen);
  } else {
    const times = seen.get(schema.name) ?? 0;
    if (times >= TIMES) return;
    seen.set(schema.name, times + 1);
    for (const value of [{}, null]) yield [place, value];
    for (const field of schema.fields.values()) yield* placesOf(field.schema, [...place, field.name], seen);
  }
}

function sampleOf(schema: TypeSchema): unknown {
  if (schema.kind === 'scalar') return schema.enum?.[0] ?? VALUES[schema.type][1] ?? 'a';
  return schema.kind === 'list' ? [] : {};
}

/** A copy with the value set; missing containers on the path are created. */
function withValue(object: object, place: Place, value: unknown): object {
  const copy = deepCopy(object);
  let holder = copy as Record<string | number, unknown>;
  for (const [at, name] of place.slice(0, -1).entries()) {
    if (typeof holder[name] !== 'object' || holder[name] === null)
      holder[name] = typeof place[at + 1] === 'number' ? [] : {};
    holder = holder[name] as Record<string | number, unknown>;
  }
  holder[place.at(-1)!] = value;
  return copy;
}
