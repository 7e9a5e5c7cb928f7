import type { Session, Step } from '../exchange.ts';
import { CONTROLLED, endOf, type ServedResource } from './served-resources.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const PARTIAL = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';

const patch = (path: string, type: string, body: unknown): Step => ({
  method: 'PATCH',
  path,
  headers: { 'content-type': `application/${type}` },
  body,
});

/** A valid object of each kind with every verb, patch type and response format. */
export function stubs(resources: readonly ServedResource[]): Session[] {
  return resources.map((served) => {
    const { path, sample, resource } = served;
    const { name } = sample.metadata;
    const one = `${path}/${name}`;
    const dry = 'dryRun=All';
    const applied = { ...sample, metadata: { name, labels: { applied: 'yes' } } };
    const steps: Step[] = [
      { method: 'POST', path: `${path}?${dry}`, body: sample },
      { method: 'POST', path: `${path}?fieldManager=first`, body: sample },
      { method: 'POST', path, body: sample },
      { method: 'GET', path: one },
      { method: 'GET', path: `${one}?includeObject=None`, headers: { accept: TABLE } },
      { method: 'GET', path: one, headers: { accept: PARTIAL } },
      { method: 'GET', path: one, headers: { accept: 'text/html' } },
      { method: 'GET', path: `${path}?fieldSelector=metadata.name%3D${name}` },
      { method: 'GET', path: `${path}?fieldSelector=no.such%3Dx` },
      { method: 'GET', path: `${path}?labelSelector=%21%21` },
      patch(`${one}?fieldManager=second`, 'merge-patch+json', { metadata: { labels: { a: 'b' } } }),
      patch(`${one}?${dry}`, 'strategic-merge-patch+json', { metadata: { annotations: { c: 'd' } } }),
      patch(`${one}?${dry}`, 'json-patch+json', [{ op: 'test', path: '/kind', value: 'No' }]),
      patch(`${one}?fieldManager=third`, 'apply-patch+yaml', applied),
      patch(`${one}?fieldManager=third&${dry}`, 'apply-patch+yaml', { ...applied, bogus: 1 }),
      patch(`${one}?${dry}`, 'apply-patch+yaml', applied),
      { method: 'PUT', path: `${one}?${dry}`, body: sample },
      { method: 'PUT', path: `${one}?${dry}`, body: { ...sample, metadata: { name: 'other' } } },
      { method: 'GET', path: `${one}/status` },
      { method: 'GET', path: `${one}/scale` },
      { method: 'DELETE', path: `${one}?${dry}&propagationPolicy=Background` },
      {
        method: 'DELETE',
        path: one,
        body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'no' } },
      },
      ...endOf(served),
      { method: 'GET', path: one },
    ];
    const settles = ({ method, path: asked }: Step) => method !== 'GET' && !asked.includes(dry);
    return {
      name: `stub of ${resource}`,
      steps: CONTROLLED.has(resource)
        ? steps.map((step) => (settles(step) ? { ...step, settles: one } : step))
        : steps,
    };
  });
}
