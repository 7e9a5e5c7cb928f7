/** Definitions of the size and depth that operators ship, some 30 KB each. */

import type { JSONSchemaProps } from '../../../shared/apis/apiextensions/v1/types.ts';
import { definitionManifest } from '../../fixtures/apiextensions/manifest.ts';

const DESCRIPTION =
  'Says what the field is for, in a sentence or two, as generated schemas say of every field they have.';

const field = (type: string, more: JSONSchemaProps = {}): JSONSchemaProps => ({
  description: DESCRIPTION,
  type,
  ...more,
});

const named = (count: number, name: string, make: (index: number) => JSONSchemaProps) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}`, make(index)]));

/** Five sections of five groups, each with scalars, a list of objects by key, and a map. */
function specSchema(): JSONSchemaProps {
  const group = (index: number): JSONSchemaProps =>
    field('object', {
      required: ['text0'],
      properties: {
        ...named(3, 'text', () => field('string', { maxLength: 253 })),
        count: field('integer', { minimum: index, default: 10 }),
        enabled: field('boolean'),
        items: field('array', {
          maxItems: 64,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: field('object', {
            required: ['name'],
            properties: { name: field('string', { maxLength: 63 }), value: field('string') },
          }),
        }),
        labels: field('object', { additionalProperties: { type: 'string' } }),
      },
      'x-kubernetes-validations': [{ rule: 'self.count >= 0 && self.text0.size() > 0' }],
    });
  return field('object', {
    properties: named(5, 'section', () => field('object', { properties: named(5, 'group', group) })),
  });
}

export function benchDefinition(kind: string) {
  return definitionManifest(kind, [
    {
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: { spec: specSchema(), status: { type: 'object', properties: {} } },
        },
      },
      subresources: { status: {} },
    },
  ]);
}

/** Spec of an instance of a `benchDefinition`: some 1.5 KB. */
export function benchSpec() {
  const group = {
    text0: 'some text',
    text1: 'some more text',
    count: 5,
    enabled: true,
    items: Array.from({ length: 3 }, (_, index) => ({ name: `item-${index}`, value: 'x'.repeat(20) })),
    labels: { app: 'bench', tier: 'one' },
  };
  return {
    section0: { group0: group, group1: group, group2: group },
    section1: { group0: group, group1: group },
  };
}
