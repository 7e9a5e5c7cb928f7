import { expect, test } from 'vitest';
import { admit } from '../../../shared/endpoints/resource/admission-attributes.ts';
import type { RequestScope } from '../../../shared/endpoints/resource/request-scope.ts';
import type { ServingContext } from '../../../shared/endpoints/routing/serving-context.ts';
import type { ManagedFieldsEntry } from '../../../shared/meta/v1/types.ts';

const ENTRY: ManagedFieldsEntry = {
  manager: 'a',
  operation: 'Update',
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:data': {} },
};
const INVALID =
  '.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ';

test.each<[string, ManagedFieldsEntry[] | undefined, ManagedFieldsEntry[] | undefined, string[]]>([
  ['unchanged', [ENTRY], [ENTRY], []],
  ['changed', [{ ...ENTRY, manager: 'b' }], [{ ...ENTRY, manager: 'b' }], []],
  ['removed', undefined, undefined, []],
  [
    'with an invalid operation',
    [{ ...ENTRY, operation: 'Bogus' }],
    [ENTRY],
    [`${INVALID}operation must be \`Apply\` or \`Update\``],
  ],
  [
    'without a version',
    [{ ...ENTRY, apiVersion: undefined }],
    [ENTRY],
    [`${INVALID}apiVersion must not be empty`],
  ],
  [
    'with invalid fields',
    [{ ...ENTRY, fieldsV1: { x: {} } }],
    [ENTRY],
    [`${INVALID}missing or unknown path element type in "x"`],
  ],
])('managed fields that admission has %s', async (_, changed, expected, warned) => {
  const warnings: string[] = [];
  const context = { addWarning: (text: string) => void warnings.push(text) } as unknown as ServingContext;
  const attributes = { operation: 'CREATE', object: { metadata: { managedFields: [ENTRY] } } };
  const admission = {
    handles: () => true,
    admit: async () => {
      if (JSON.stringify(changed) !== JSON.stringify([ENTRY])) {
        attributes.object = { metadata: { managedFields: changed as ManagedFieldsEntry[] } };
      }
    },
  };
  await admit(context, { admission } as unknown as RequestScope, attributes as never);
  expect(attributes.object.metadata.managedFields).toEqual(expected);
  expect(warnings).toEqual(warned);
});
