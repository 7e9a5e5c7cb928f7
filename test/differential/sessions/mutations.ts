import { deepCopy } from '../../../shared/util/deep-copy.ts';
import type { Session, Step } from '../exchange.ts';
import type { ServedResource } from './served-resources.ts';

const VALUES: readonly unknown[] = [null, '', 'Not Valid!', -1, 70_000, true, {}, [], 'x'.repeat(300)];

/** Each field of each sample, removed or set to a wrong value, in dry-run creates. */
export function mutations(resources: readonly ServedResource[]): Session[] {
  return resources.map(({ path, sample, resource }) => {
    const steps: Step[] = [];
    const post = (body: unknown) =>
      steps.push({ method: 'POST', path: `${path}?dryRun=All&fieldValidation=Warn`, body });
    for (const at of pathsOf(sample, [])) {
      const missing = deepCopy(sample);
      const [parent, last] = parentOf(missing, at);
      delete parent[last];
      post(Array.isArray(parent) ? { ...missing } : missing);
      for (const value of VALUES) {
        const changed = deepCopy(sample);
        const [holder, field] = parentOf(changed, at);
        holder[field] = value;
        post(changed);
      }
    }
    post({ ...sample, unknown: 1, metadata: { ...sample.metadata, unknown: 1 } });
    return { name: `mutations of ${resource}`, steps };
  });
}

export type Holder = Record<string, unknown>;

/** The container of a path in an object, and the key within it. */
export function parentOf(object: object, path: readonly string[]): [Holder, string] {
  let at = object as Holder;
  for (const name of path.slice(0, -1)) at = at[name] as Holder;
  return [at, path.at(-1)!];
}

/** The paths of all fields. */
export function* pathsOf(value: unknown, path: readonly string[]): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (path.length === 0 && (key === 'apiVersion' || key === 'kind')) continue;
    // Removing an element from an array would leave a hole.
    if (!Array.isArray(value)) yield [...path, key];
    yield* pathsOf(member, [...path, key]);
  }
}
