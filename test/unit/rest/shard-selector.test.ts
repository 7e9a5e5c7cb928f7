import { expect, test } from 'vitest';
import { hashOf, parseShardSelector } from '../../../shared/rest/shard-selector.ts';

const END = "'0x10000000000000000'";
const ZERO = "'0x0000000000000000'";
const HALF = "'0x8000000000000000'";

test.each([
  // Published FNV-1a values, and the result of Go's hash/fnv for a uid.
  ['', 'cbf29ce484222325'],
  ['a', 'af63dc4c8601ec8c'],
  ['foobar', '85944171f73967e8'],
])('the hash of %j is %s', (value, hash) => {
  expect(hashOf(value)).toBe(hash);
});

test.each([
  [`shardRange(object.metadata.uid,${ZERO},${HALF})`, `shardRange(object.metadata.uid, ${ZERO}, ${HALF})`],
  [
    ` shardRange(object.metadata.namespace, ${HALF}, ${END}) || shardRange(object.metadata.namespace, ${ZERO}, ${HALF}) `,
    `shardRange(object.metadata.namespace, ${HALF}, ${END}) || shardRange(object.metadata.namespace, ${ZERO}, ${HALF})`,
  ],
])('%s is %s', (text, canonical) => {
  expect(parseShardSelector(text).text).toBe(canonical);
});

test.each([
  ['uid', 'a', false],
  ['uid', '', false],
  ['namespace', 'team-a', true],
])('the lower half by %s contains %j: %s', (field, value, expected) => {
  const { matches } = parseShardSelector(`shardRange(object.metadata.${field}, ${ZERO}, ${HALF})`);
  expect(matches({ uid: '', namespace: '', [field]: value })).toBe(hashOf(value) < '8' && expected);
});

/** Messages of kube-apiserver. */
test.each([
  [' ', 'empty shard selector is not allowed; omit the parameter for unfiltered lists'],
  ['nope', 'unexpected expression kind 3; expected shardRange() call or || operator'],
  [
    'a ||',
    "CEL parse error: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
  ],
  ['f()', 'unsupported function "f"; only shardRange() and || are allowed'],
  ["shardRange(object.metadata.uid,'0x1')", 'shardRange() requires exactly 3 arguments, got 2'],
  [
    "shardRange(object.metadata.name,'0x0','0x1')",
    'unsupported field path "object.metadata.name"; supported: object.metadata.uid, object.metadata.namespace',
  ],
  [
    "shardRange(1,'0x1','0x1')",
    'shardRange() first argument: expected field path (e.g. object.metadata.uid), got expression kind 5',
  ],
  [
    "shardRange(object.metadata.uid,'0x0','0x1')",
    'hexStart must be a 0x-prefixed 16-digit hex value, got "0x0" (did you mean "0x0000000000000000"?)',
  ],
  ["shardRange(object.metadata.uid,1,'0x1')", 'hexStart must be a string literal, got int64'],
  ["shardRange(object.metadata.uid,1u,'0x1')", 'hexStart must be a string literal, got uint64'],
  ["shardRange(object.metadata.uid,null,'0x1')", 'hexStart must be a string literal, got structpb.NullValue'],
  ["shardRange(object.metadata.uid,b'a','0x1')", 'hexStart must be a string literal, got []uint8'],
  ["shardRange(object.metadata.uid,true,'0x1')", 'hexStart must be a string literal, got bool'],
  ["shardRange(object.metadata.uid,1.5,'0x1')", 'hexStart must be a string literal, got float64'],
  [
    "shardRange(object.metadata.uid,a,'0x1')",
    "hexStart must be a string literal (e.g. '0xff'), got expression kind 3",
  ],
  ["shardRange(object.metadata.uid,'1','0x1')", `hexStart must have '0x' prefix, got "1"`],
  ["shardRange(object.metadata.uid,'0x','0x1')", "hexStart: hex value is required after '0x'"],
  [
    "shardRange(object.metadata.uid,'0x00000000000000FF','0x1')",
    'hexStart: invalid hex character "F" in "0x00000000000000FF"',
  ],
  [
    `shardRange(object.metadata.uid,${ZERO},'0x10000000000000001')`,
    `hexEnd: 17-digit hex value must be '0x10000000000000000' (2^64), got "0x10000000000000001"`,
  ],
  [
    `shardRange(object.metadata.uid,${HALF},${ZERO})`,
    'shard range start 0x8000000000000000 must be less than end 0x0000000000000000',
  ],
  [
    `shardRange(object.metadata.namespace,${ZERO},${HALF})||shardRange(object.metadata.uid,${ZERO},${HALF})`,
    'all shard ranges must use the same field, got "object.metadata.namespace" and "object.metadata.uid"',
  ],
])('%s is rejected', (text, message) => {
  expect(() => parseShardSelector(text)).toThrow(new Error(message));
});
