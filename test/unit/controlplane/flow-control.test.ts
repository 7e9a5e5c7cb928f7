import { expect, test } from 'vitest';
import {
  BOOTSTRAP_FLOW_SCHEMAS,
  BOOTSTRAP_PRIORITY_LEVELS,
} from '../../../shared/apis/flowcontrol/bootstrap-objects.ts';
import type { FlowSchema } from '../../../shared/apis/flowcontrol/v1/types.ts';
import { revisedConfiguration } from '../../../shared/controlplane/ensure/flow-control.ts';

const ANNOTATION = 'apf.kubernetes.io/autoupdate-spec';
const wanted = BOOTSTRAP_FLOW_SCHEMAS.find(({ metadata }) => metadata.name === 'probes')!;
const catchAll = BOOTSTRAP_FLOW_SCHEMAS.find(({ metadata }) => metadata.name === 'catch-all')!;

const stored = (
  schema: FlowSchema,
  autoUpdate: string | undefined,
  generation: number,
  precedence?: number,
): FlowSchema => ({
  ...schema,
  metadata: {
    name: schema.metadata.name!,
    resourceVersion: '7',
    generation,
    annotations: { kept: 'yes', ...(autoUpdate !== undefined && { [ANNOTATION]: autoUpdate }) },
  },
  spec: { ...schema.spec, ...(precedence !== undefined && { matchingPrecedence: precedence }) },
});

test.each<[string, string | undefined, number, number | undefined, object | undefined]>([
  ['up to date', 'true', 1, undefined, undefined],
  ['outdated', 'true', 3, 77, { update: 'true', precedence: 2 }],
  ['managed by its administrators', 'false', 3, 77, undefined],
  ['never changed', undefined, 1, 77, { update: 'true', precedence: 2 }],
  ['changed', undefined, 2, 77, { update: 'false', precedence: 77 }],
  ['with an invalid annotation', 'perhaps', 2, 77, { update: 'false', precedence: 77 }],
])('a suggested schema %s', (_, autoUpdate, generation, precedence, expected) => {
  const revised = revisedConfiguration(stored(wanted, autoUpdate, generation, precedence), wanted);
  const { metadata, spec } = revised ?? {};
  expect(
    metadata && { update: metadata.annotations?.[ANNOTATION], precedence: spec?.matchingPrecedence },
  ).toEqual(expected);
  if (metadata) expect(metadata).toMatchObject({ resourceVersion: '7', annotations: { kept: 'yes' } });
});

test('a mandatory schema is always updated', () => {
  const revised = revisedConfiguration(stored(catchAll, 'false', 2, 77), catchAll);
  expect(revised?.spec).toEqual(catchAll.spec);
  expect(revised?.metadata.annotations?.[ANNOTATION]).toBe('true');
});

test('the shares of the exempt level are kept', () => {
  const exempt = BOOTSTRAP_PRIORITY_LEVELS.find(({ metadata }) => metadata.name === 'exempt')!;
  const changed = {
    ...exempt,
    spec: { ...exempt.spec, exempt: { nominalConcurrencyShares: 9, lendablePercent: 9 } },
  };
  expect(revisedConfiguration(changed, exempt)).toBeUndefined();
});
