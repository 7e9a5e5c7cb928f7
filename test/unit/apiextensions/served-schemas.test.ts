import { expect, test } from 'vitest';
import { SchemaToolsLoader } from '../../../shared/apiextensions/definition/schema-tools.ts';
import { servedSchemas } from '../../../shared/apiextensions/serving/served-schemas.ts';
import type { Definition } from '../../../shared/apis/apiextensions/definition.ts';
import { builtinScheme } from '../../../shared/server/builtin-scheme.ts';
import { inPieces } from '../../../shared/util/breathe.ts';

const definition = (
  uid: string,
  change: { kind?: string; description?: string; maxLength?: number } = {},
) => {
  const { kind = 'Widget', description = 'A widget.', maxLength = 5 } = change;
  const openAPIV3Schema = {
    type: 'object',
    description,
    properties: { spec: { type: 'object', properties: { name: { type: 'string', maxLength } } } },
  };
  return {
    metadata: { name: 'widgets.example.com', uid, generation: 1 },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
    status: { acceptedNames: { plural: 'widgets', kind } },
  } as unknown as Definition;
};

test('equal definitions share everything, across control planes', async () => {
  const { scheme } = builtinScheme();
  /** The schemas as loaded by another control plane of the process. */
  const schemasOf = async (of: Definition) =>
    inPieces(servedSchemas(of, scheme, await new SchemaToolsLoader(scheme.tables).load()));
  const first = await schemasOf(definition('1'));
  expect(await schemasOf(definition('2', { description: 'In other words.' }))).toBe(first);
  const others = [
    await schemasOf(definition('3', { maxLength: 6 })),
    await schemasOf(definition('4', { kind: 'Other' })),
  ];
  expect(new Set([first, ...others]).size).toBe(3);
  expect(first.form.schema('v1')).toBeDefined();
  expect(JSON.stringify(first.versions)).not.toContain('A widget.');
});
