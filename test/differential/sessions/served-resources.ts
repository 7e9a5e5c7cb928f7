import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { allSamples } from '../../fixtures/samples.ts';
import type { Step, Target } from '../exchange.ts';
import { patch, put } from './steps.ts';

/** A kind served by a server, with a valid object of it. */
export interface ServedResource {
  readonly resource: string;
  /** Path of the collection, in the session's namespace. */
  readonly path: string;
  readonly sample: KubeObject;
}

/** Kinds whose status is written by the servers' own controllers. */
export const CONTROLLED: ReadonlySet<string> = new Set([
  'customresourcedefinitions',
  'apiservices',
  'flowschemas',
]);

/** Deletes the sample including its finalizers, so that the session can be repeated on the same server. */
export function endOf({ path, sample, resource }: ServedResource): Step[] {
  const one = `${path}/${sample.metadata.name}`;
  const { apiVersion, kind, metadata } = sample;
  const named = { apiVersion, kind, metadata: { name: metadata.name } };
  return [
    { method: 'DELETE', path: `${one}?gracePeriodSeconds=0&propagationPolicy=Background` },
    patch('merge', one, { metadata: { finalizers: null } }),
    ...(resource === 'namespaces' ? [put(`${one}/finalize`, { ...named, spec: {} })] : []),
  ];
}

/** Returns the sampled kinds that the server serves. */
export async function servedResources(target: Target): Promise<ServedResource[]> {
  const found: ServedResource[] = [];
  const lists = new Map<string, { resources?: { name: string; kind: string; namespaced: boolean }[] }>();
  for (const sample of allSamples()) {
    const version = sample.apiVersion!;
    const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
    if (!lists.has(root)) {
      const { status, text } = await target.ask({ method: 'GET', path: root });
      lists.set(root, status === 200 ? JSON.parse(text) : {});
    }
    const known = lists
      .get(root)!
      .resources?.find(({ kind, name }) => kind === sample.kind && !name.includes('/'));
    if (known === undefined) continue;
    const path = known.namespaced ? `${root}/namespaces/$N/${known.name}` : `${root}/${known.name}`;
    found.push({ resource: known.name, path, sample });
  }
  return found;
}
