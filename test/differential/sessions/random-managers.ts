/** Managers that apply, update and patch one custom resource with all types of lists, maps and structs, at random. */

import { Random } from '../../fixtures/random.ts';
import type { Session, Step } from '../exchange.ts';
import { get, object, patch, post, put, remove } from './steps.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = '$N.example.com';
const MIXES = `/apis/${GROUP}/v1/namespaces/$N/mixes`;
const STRING = { type: 'string' };
const INTEGER = { type: 'integer' };

const list = (items: object, more: object = {}) => ({ type: 'array', items, ...more });
const struct = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
const keyed = (items: object, ...keys: string[]) =>
  list(items, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys });

const SPEC = struct({
  plain: STRING,
  number: INTEGER,
  atomic: list(STRING),
  set: list(STRING, { 'x-kubernetes-list-type': 'set' }),
  numbers: list(INTEGER, { 'x-kubernetes-list-type': 'set' }),
  one: keyed(
    struct(
      {
        name: STRING,
        value: STRING,
        tags: list(STRING, { 'x-kubernetes-list-type': 'set' }),
        at: struct({ x: INTEGER, y: INTEGER }),
      },
      { required: ['name'] },
    ),
    'name',
  ),
  two: keyed(
    struct({ port: INTEGER, protocol: { ...STRING, default: 'TCP' }, name: STRING }, { required: ['port'] }),
    'port',
    'protocol',
  ),
  map: { type: 'object', additionalProperties: STRING },
  structs: { type: 'object', additionalProperties: struct({ a: STRING, b: INTEGER }) },
  atomicMap: { type: 'object', additionalProperties: STRING, 'x-kubernetes-map-type': 'atomic' },
  atomicStruct: struct({ a: STRING, b: STRING }, { 'x-kubernetes-map-type': 'atomic' }),
  nested: struct({
    deep: struct({ a: STRING, list: list(STRING, { 'x-kubernetes-list-type': 'set' }) }),
    other: STRING,
  }),
  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  any: { 'x-kubernetes-int-or-string': true },
  nullable: { ...STRING, nullable: true },
  defaulted: { ...STRING, default: 'd' },
});

const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', `mixes.${GROUP}`, {
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { plural: 'mixes', singular: 'mix', kind: 'Mix' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.number', statusReplicasPath: '.status.number' },
        },
        schema: { openAPIV3Schema: struct({ spec: SPEC, status: SPEC }) },
      },
    ],
  },
});

type Make = (random: Random) => unknown;
const text: Make = (random) => random.pick(['a', 'b', 'c']);
const whole: Make = (random) => random.below(3);
const some = (random: Random, make: Make): unknown[] =>
  Array.from({ length: random.below(3) }, () => make(random));
const distinct = (random: Random, make: Make, key: (value: unknown) => string): unknown[] => [
  ...new Map(some(random, make).map((value) => [key(value), value])).values(),
];
const entries = (random: Random, make: Make) =>
  Object.fromEntries(some(random, text).map((key) => [key, make(random)]));
/** A random subset of the members. */
const partly = (random: Random, members: Readonly<Record<string, Make>>) =>
  Object.fromEntries(
    Object.entries(members)
      .filter(() => random.below(2) === 0)
      .map(([key, make]) => [key, make(random)]),
  );

const NESTED: Make = (random) => partly(random, { a: text, list: (inner) => distinct(inner, text, String) });
const FIELDS: Readonly<Record<string, Make>> = {
  plain: text,
  number: whole,
  atomic: (random) => some(random, text),
  set: (random) => distinct(random, text, String),
  numbers: (random) => distinct(random, whole, String),
  one: (random) =>
    distinct(
      random,
      (inner) => ({
        name: text(inner),
        ...partly(inner, {
          value: text,
          tags: (of) => distinct(of, text, String),
          at: (of) => partly(of, { x: whole, y: whole }),
        }),
      }),
      (value) => (value as { name: string }).name,
    ),
  two: (random) =>
    distinct(
      random,
      (inner) => ({
        port: whole(inner),
        ...partly(inner, { protocol: (of) => of.pick(['TCP', 'UDP']), name: text }),
      }),
      (value) => {
        const { port, protocol = 'TCP' } = value as { port: number; protocol?: string };
        return `${port}/${protocol}`;
      },
    ),
  map: (random) => entries(random, text),
  structs: (random) => entries(random, (inner) => partly(inner, { a: text, b: whole })),
  atomicMap: (random) => entries(random, text),
  atomicStruct: (random) => partly(random, { a: text, b: text }),
  nested: (random) => partly(random, { deep: NESTED, other: text }),
  free: (random) => partly(random, { x: text, y: (inner) => some(inner, whole), z: NESTED }),
  any: (random) => random.pick([1, 'a', '50%']),
  nullable: (random) => random.pick(['a', null]),
  defaulted: text,
};

function stepOf(random: Random): Step {
  const manager = random.pick(['one', 'two', 'three']);
  const chosen = Object.keys(FIELDS).filter(() => random.below(4) === 0);
  const spec = Object.fromEntries(chosen.map((field) => [field, FIELDS[field]!(random)]));
  const mix = object(`${GROUP}/v1`, 'Mix', 'm', { spec });
  const by = `fieldManager=${manager}`;
  switch (random.below(12)) {
    case 0:
      return put(`${MIXES}/m?${by}`, mix);
    case 1:
    case 2:
      return patch('merge', `${MIXES}/m?${by}`, { spec });
    case 3: {
      const [field = 'plain'] = chosen;
      return patch('json', `${MIXES}/m?${by}`, [
        { op: random.pick(['add', 'replace']), path: `/spec/${field}`, value: FIELDS[field]!(random) },
      ]);
    }
    case 4: {
      const [field = 'plain'] = chosen;
      return patch('json', `${MIXES}/m?${by}`, [{ op: 'remove', path: `/spec/${field}` }]);
    }
    case 5:
      return patch('apply', `${MIXES}/m/status?${by}&force=true`, { ...mix, spec: undefined, status: spec });
    case 6:
      return patch('merge', `${MIXES}/m/scale?${by}`, { spec: { replicas: random.below(4) } });
    case 7:
    case 8:
      return patch('apply', `${MIXES}/m?${by}`, mix);
    default:
      return patch('apply', `${MIXES}/m?${by}&force=true`, mix);
  }
}

/** As many sessions as `seeds`; the same in every run. */
export function randomManagers(seeds: number): Session[] {
  return Array.from({ length: seeds }, (_, seed) => {
    const random = new Random(seed + 1);
    return {
      name: `mixed managers, seed ${seed + 1}`,
      besideOthers: true,
      steps: [
        { ...post(CRDS, definition), settles: `${CRDS}/mixes.${GROUP}` },
        { ...get(MIXES), until: 200 },
        post(`${MIXES}?fieldManager=one`, object(`${GROUP}/v1`, 'Mix', 'm', { spec: { plain: 'a' } })),
        ...Array.from({ length: 40 }, () => stepOf(random)),
        get(`${MIXES}/m`),
        remove(`${CRDS}/mixes.${GROUP}`),
      ],
    };
  });
}
