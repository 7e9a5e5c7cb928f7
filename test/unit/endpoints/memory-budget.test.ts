import { expect, test } from 'vitest';
import { withMemoryBudget } from '../../../shared/endpoints/filters/memory-budget.ts';
import type { ServingContext } from '../../../shared/endpoints/routing/serving-context.ts';

const LASTING = 64 * 1024;
const claimed = (verb: string, query: string): readonly (readonly [number, string])[] => {
  const claims: [number, string][] = [];
  const context = {
    user: { name: 'ada' },
    request: {
      query: new URLSearchParams(query),
      claimMemory: (bytes: number, user: string) => claims.push([bytes, user]),
    },
    requestInfo: { verb, isResourceRequest: true, subresource: '' },
  };
  void withMemoryBudget(context as unknown as ServingContext, async () => undefined as never);
  return claims;
};

test.each([
  ['get', '', 0],
  ['list', 'labelSelector=abc&fieldSelector=defgh&limit=5', 8 * 48],
  ['watch', '', LASTING],
  ['watch', 'labelSelector=abc', LASTING + 3 * 48],
  ['proxy', '', LASTING],
])('%s with %s holds %i', (verb, query, bytes) => {
  expect(claimed(verb, query)).toEqual([[bytes, 'ada']]);
});
