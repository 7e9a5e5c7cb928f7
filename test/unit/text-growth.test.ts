/**
 * Parsing of client-supplied text is linear: a pattern that restarts at each position of a long run would take hours on
 * these inputs.
 */

import { expect, test } from 'vitest';
import { isDuration } from '../../shared/apiextensions/validation/formats/time.ts';
import { validateISCSI } from '../../shared/apis/core/validation/iscsi.ts';
import { warningsForContainerPorts } from '../../shared/apis/core/warnings/container-ports.ts';
import { warningsForOverlappingPaths } from '../../shared/apis/core/warnings/volume-paths.ts';
import { nonResourceURLCovers } from '../../shared/authz/rbac/rule-allows.ts';
import { parseDuration as parseCelDuration } from '../../shared/cel/library/time.ts';
import { FieldPath } from '../../shared/meta/field-path.ts';
import { parseInt64 } from '../../shared/meta/label-requirement.ts';
import { validateCABundle } from '../../shared/meta/validation/webhook-client.ts';
import { newRequestInfo } from '../../shared/request/request-info-factory.ts';
import { isWebSocketRequest } from '../../shared/request/web-socket-request.ts';
import { Quantity } from '../../shared/runtime/quantity.ts';
import { parseDuration as parseAPIDuration } from '../../shared/runtime/serializer/scalars/duration.ts';
import { byNaturalOrder } from '../../shared/runtime/serializer/yaml/natural-order.ts';
import { resolveScalar } from '../../shared/runtime/serializer/yaml/resolve-scalar.ts';
import { writeYAML } from '../../shared/runtime/serializer/yaml/write-yaml.ts';
import { parseResourceVersion } from '../../shared/storage/resource-version.ts';
import { parseDuration } from '../../shared/util/duration.ts';
import { parseJSON } from '../../shared/util/exact-json.ts';
import { parseJSONPath } from '../../shared/util/jsonpath/parse.ts';
import { decodePEM } from '../../shared/util/pem.ts';

/** Maximum length of a body. */
const LONG = 3_000_000;
const run = (text: string): string => text.repeat(LONG / text.length);
const inside = (text: string): string => `x${run(text)}x`;
const begin = '-----BEGIN A-----\n';

/** The result, or the message of the error. */
function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return (error as Error).message.slice(0, 60);
  }
}

const connection = (value: string) => ({
  headers: new Map([
    ['upgrade', ['websocket']],
    ['connection', [value]],
  ]),
});
const requestInfo = (path: string) =>
  newRequestInfo({ method: 'GET', path, query: new URLSearchParams() }).parts.length;
const iscsi = (iqn: string) =>
  validateISCSI({ iqn, lun: 0, targetPortal: 'a' } as never, FieldPath.of('a')).map(({ detail }) => detail);
const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each<[string, () => unknown, unknown]>([
  ['slashes of a path', () => requestInfo(`/api/v1/a${run('/')}a`), LONG + 1],
  ['a header of options', () => isWebSocketRequest(connection(run('upgradex,'))), false],
  [
    'a quantity',
    () => Quantity.parse(`${run('1')}x`),
    "quantities must match the regular expression '^([+-]?[0-9.]+",
  ],
  [
    'a quantity of many digits',
    () => Quantity.parse(run('1')),
    'quantities must not have more than 10000 digits',
  ],
  ['a duration', () => parseDuration(`1.${run('s000')}µ`), undefined],
  ['a duration of the API', () => parseAPIDuration(`0.${run('0')}s`), 0n],
  [
    'a duration of the API, too long',
    () => parseAPIDuration(`${run('1')}s`),
    `time: invalid duration "${'1'.repeat(36)}`,
  ],
  ['a duration of expressions', () => parseCelDuration(`${run('1')}s`), undefined],
  ['a duration of schemas', () => isDuration(run('0')), false],
  ['an integer', () => parseInt64(run('1')), undefined],
  ['an integer of JSON', () => (parseJSON(`[${run('1')}]`) as number[])[0], Number.POSITIVE_INFINITY],
  [
    'a resource version',
    () => parseResourceVersion(run('1')),
    'resourceVersion: Invalid value: "111111111111111111111111111',
  ],
  ['a scalar of YAML', () => resolveScalar(run('1')) === run('1'), true],
  ['digits of keys', () => byNaturalOrder(`${run('1')}1`, `${run('1')}2`), -1],
  ['lines of YAML', () => writeYAML({ a: run('b\n') }).length, (LONG / 2) * 4 + 'a: |\n'.length],
  ['escapes of YAML', () => writeYAML({ a: run(' \u0001') }).length > LONG, true],
  ['a pattern of paths', () => nonResourceURLCovers(`${inside('*')}*`, '/a'), false],
  ['a name of a target', () => iscsi(`iqn.0000-00.q${run('iqn.0000-00.q')}`), ['must be valid format']],
  ['unterminated blocks', () => [...decodePEM(run(begin))].length, 0],
  ['blocks with one end', () => [...decodePEM(`${run(begin)}-----END A-----\n`)].length, 1],
  ['blocks', () => [...decodePEM(run(`${begin}YQ==\n-----END A-----\n`))].length, Math.floor(LONG / 39)],
  ['a bundle', () => validateCABundle('a', base64(run(begin))).length, 1],
  ['quotes in a JSON path', () => parseJSONPath(`'${run("\\'")}'`).length, 1],
  ['indexes in a JSON path', () => parseJSONPath(run('[0]')).length, LONG / 3],
  [
    'a filter in a JSON path',
    () => parseJSONPath(`[?(@.a${run('!')}\u2028)]`),
    "unrecognized character in action: U+2028 '\u2028'",
  ],
  [
    'ports of a container',
    () => {
      const ports = Array.from({ length: 30_000 }, () => ({ containerPort: 80, protocol: 'TCP' }));
      return warningsForContainerPorts({ containers: [{ name: 'c', ports }] } as never, FieldPath.of('a'))
        .length;
    },
    1_035,
  ],
  [
    'paths of a volume',
    () => {
      const items = Array.from({ length: 30_000 }, (_, i) => ({
        key: 'k',
        path: `p/${'/'.repeat(90)}${i % 2}`,
      }));
      return (
        warningsForOverlappingPaths(
          Array.from({ length: 50 }, (_, i) => ({ name: `v${i}`, configMap: { name: 'a', items } })) as never,
        ).length < 100_000
      );
    },
    true,
  ],
])('%s', (_, read, expected) => {
  expect(outcome(read)).toEqual(expected);
});
