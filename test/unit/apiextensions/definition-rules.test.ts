import { beforeAll, expect, test } from 'vitest';
import {
  validateDefinition,
  validateDefinitionUpdate,
} from '../../../shared/apiextensions/definition/definition-validation.ts';
import {
  type SchemaTools,
  SchemaToolsLoader,
} from '../../../shared/apiextensions/definition/schema-tools.ts';
import type { Definition } from '../../../shared/apis/apiextensions/definition.ts';
import type { JSONSchemaProps, ValidationRule } from '../../../shared/apis/apiextensions/v1/types.ts';
import { builtinTypeTables } from '../../../shared/apis/type-tables.ts';
import { formatFieldError } from '../../../shared/meta/field-error.ts';
import { atOnce } from '../../../shared/util/breathe.ts';
import { definition, version } from '../../fixtures/apiextensions/definition.ts';

let tools: SchemaTools;
beforeAll(async () => {
  tools = await new SchemaToolsLoader(builtinTypeTables()).loadWithRules();
});

const X = 'spec.validation.openAPIV3Schema.properties[x]';
const RULE = `${X}.x-kubernetes-validations[0]`;

const inSpec = (schema: JSONSchemaProps): Definition =>
  definition({
    versions: [version({ schema: { openAPIV3Schema: { type: 'object', properties: { x: schema } } } })],
  });

const ruled = (schema: JSONSchemaProps, ...rules: (string | ValidationRule)[]): JSONSchemaProps => ({
  ...schema,
  'x-kubernetes-validations': rules.map((rule) => (typeof rule === 'string' ? { rule } : rule)),
});

const integer: JSONSchemaProps = { type: 'integer' };
const strings: JSONSchemaProps = { type: 'array', items: { type: 'string' } };
const quadratic = 'self.all(a, self.all(b, a == b))';

/** A rule in messages: formatted as upstream's internal type. */
const shown = (rule: string, more: Partial<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    Rule: rule,
    Message: '',
    MessageExpression: '',
    Reason: null,
    FieldPath: '',
    OptionalOldSelf: null,
    ...more,
  }).replace('>', '\\u003e');

const CASES: readonly (readonly [string, JSONSchemaProps, readonly string[]])[] = [
  [
    'a valid rule',
    ruled(integer, { rule: 'self > 0', messageExpression: "self < 0 ? 'negative' : 'zero'" }),
    [],
  ],
  [
    'a rule with an unknown field',
    ruled(
      { type: 'object', properties: { a: integer } },
      'true && has(self.nope)',
      'has(self.`a b`) || self.`a`  > 0',
    ),
    [
      `${RULE}.rule: Invalid value: ${shown('true && has(self.nope)').replaceAll('&', '\\u0026')}: compilation failed: ERROR: <input>:1:12: undefined field 'nope'\n | true && has(self.nope)\n | ...........^`,
      `${X}.x-kubernetes-validations[1].rule: Invalid value: ${shown('has(self.`a b`) || self.`a`  > 0')}: compilation failed: ERROR: <input>:1:4: undefined field 'a b'\n | has(self.\`a b\`) || self.\`a\`  > 0\n | ...^`,
    ],
  ],
  [
    'a rule that does not compile',
    ruled(integer, 'self > "a"'),
    [
      `${RULE}.rule: Invalid value: ${shown('self > "a"')}: compilation failed: ERROR: <input>:1:6: found no matching overload for '_>_' applied to '(int, string)'\n | self > "a"\n | .....^`,
    ],
  ],
  [
    'a rule of another type',
    ruled(integer, 'self + 1'),
    [`${RULE}.rule: Invalid value: ${shown('self + 1')}: cel expression must evaluate to a bool`],
  ],
  [
    'a message of another type',
    ruled(integer, { rule: 'true', messageExpression: 'self' }),
    [
      `${RULE}.messageExpression: Invalid value: ${shown('true', { MessageExpression: 'self' })}: messageExpression must evaluate to a string`,
    ],
  ],
  [
    'a rule that exceeds the cost limit',
    ruled(strings, quadratic),
    [
      `${RULE}.rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`,
      `${RULE}.rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
      'spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    ],
  ],
  [
    'the same rule with bounds',
    ruled({ type: 'array', maxItems: 10, items: { type: 'string', maxLength: 10 } }, quadratic),
    [],
  ],
  [
    "an old value among items that aren't correlated",
    { type: 'array', items: ruled(integer, 'self >= oldSelf') },
    [
      `${X}.items.x-kubernetes-validations[0].rule: Invalid value: "self >= oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${X}`,
    ],
  ],
  [
    'an unused optional old value',
    ruled(integer, { rule: 'self > 0', optionalOldSelf: true }),
    [`${RULE}.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`],
  ],
  [
    'a default that breaks its rule',
    ruled({ ...integer, default: 0 }, 'self > 0'),
    [`${X}.default: Invalid value: 0: failed rule: self > 0`],
  ],
  [
    'a default that breaks its rule at creation',
    ruled({ ...integer, default: 1 }, { rule: 'oldSelf.hasValue()', optionalOldSelf: true }),
    [`${X}.default: Invalid value: 1: failed rule: oldSelf.hasValue()`],
  ],
];

test.each(CASES)('%s', (_, schema, errors) => {
  expect(atOnce(validateDefinition(inSpec(schema), 'v1', tools)).map(formatFieldError)).toEqual(errors);
});

test('rules admitted earlier may exceed the limits', () => {
  const old = inSpec(ruled(strings, quadratic));
  const update = { ...old, metadata: { ...old.metadata, labels: { a: 'b' }, resourceVersion: '1' } };
  old.metadata.resourceVersion = '1';
  const errors = atOnce(validateDefinitionUpdate(update, old, { version: 'v1', tools })).map(
    formatFieldError,
  );
  expect(errors.filter((error) => error.startsWith(RULE))).toEqual([
    `${RULE}.rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
  ]);
});
