import { gvkOf } from '../../../shared/runtime/group-version.ts';
import { builtinScheme } from '../../../shared/server/builtin-scheme.ts';
import { deepCopy } from '../../../shared/util/deep-copy.ts';
import fc from '../../fixtures/fuzz.ts';
import { arbitraryOf } from '../../fixtures/generate-object.ts';
import type { Session, Step } from '../exchange.ts';
import { parentOf, pathsOf } from './mutations.ts';
import { CONTROLLED, endOf, type ServedResource } from './served-resources.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const MERGE = 'application/merge-patch+json';

/** Random contents of a kind's status; empty if it has no status. */
function statusesOf({ sample }: ServedResource, seeds: number): unknown[] {
  const schema = builtinScheme().scheme.schema(gvkOf(sample));
  const field = schema.kind === 'struct' ? schema.fields.get('status') : undefined;
  if (field === undefined) return [];
  return fc.sample(arbitraryOf(field.schema, 1), { numRuns: seeds, seed: 7 });
}

/** Table rows of the sample without each of its fields, or with small values instead, by dry-run. */
function rowsOfSpecs({ path, sample }: ServedResource): Step[] {
  return [...pathsOf(sample, [])].flatMap((at) =>
    [undefined, 7, 'x'].map((value): Step => {
      const body = deepCopy(sample);
      const [holder, field] = parentOf(body, at);
      if (value === undefined) delete holder[field];
      else holder[field] = value;
      return { method: 'POST', path: `${path}?dryRun=All`, headers: { accept: TABLE }, body };
    }),
  );
}

/**
 * Table rows of the sample with random statuses, written one member at a time, so that a rejected member does not hide
 * others.
 */
function rowsOfStatuses(served: ServedResource, seeds: number): Step[] {
  const { path, sample, resource } = served;
  const one = `${path}/${sample.metadata.name}`;
  const patch = (status: unknown): Step => ({
    method: 'PATCH',
    path: `${one}/status?fieldManager=t`,
    headers: { 'content-type': MERGE, accept: TABLE },
    body: { status },
  });
  if (CONTROLLED.has(resource)) {
    return [{ method: 'GET', path: `${one}/status`, headers: { accept: TABLE } }];
  }
  return statusesOf(served, seeds).flatMap((status): Step[] => [
    ...Object.entries(status as object).map(([name, value]) => patch({ [name]: value })),
    { method: 'GET', path: one, headers: { accept: TABLE } },
    patch(null),
  ]);
}

/** The table columns of each kind, for all kinds of objects. Rejections by validation are compared as such. */
export function tables(resources: readonly ServedResource[], seeds: number): Session[] {
  return resources.map((served) => {
    const { path, sample, resource } = served;
    const one = `${path}/${sample.metadata.name}`;
    return {
      name: `tables of ${resource}`,
      steps: [
        ...rowsOfSpecs(served),
        { method: 'POST', path, body: sample, ...(CONTROLLED.has(resource) && { settles: one }) },
        ...rowsOfStatuses(served, seeds),
        ...endOf(served),
      ],
    };
  });
}
