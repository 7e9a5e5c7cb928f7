import type { Session, Step } from '../exchange.ts';
import { CONTROLLED, endOf, type ServedResource } from './served-resources.ts';
import { get, PARTIALS, patch, post, put, remove, TABLE } from './steps.ts';

const DRY = 'dryRun=All';
const INITIAL = 'sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';

/** Every verb with every option that it supports, and some that it does not, for every kind. */
export function everyVerb(resources: readonly ServedResource[]): Session[] {
  return resources.map((served) => ({ name: `verbs of ${served.resource}`, steps: stepsOf(served) }));
}

function stepsOf(served: ServedResource): Step[] {
  const { path, sample, resource } = served;
  const { name } = sample.metadata;
  const one = `${path}/${name}`;
  const status = `${one}/status`;
  const named = (metadata: object) => ({ ...sample, metadata: { ...sample.metadata, ...metadata } });
  const applied = {
    apiVersion: sample.apiVersion,
    kind: sample.kind,
    metadata: { name, labels: { by: 'a' } },
  };
  const labelled = { metadata: { labels: { by: 'a' } } };
  const replaceLabels = [{ op: 'add', path: '/metadata/labels', value: { by: 'a' } }];
  const options = (more: object) => ({ kind: 'DeleteOptions', apiVersion: 'v1', ...more });
  return [
    post(`${path}?${DRY}`, named({ name: undefined })),
    post(`${path}?${DRY}`, named({ name: '' })),
    post(`${path}?${DRY}`, named({ resourceVersion: '1' })),
    post(`${path}?${DRY}`, named({ uid: 'x', generation: 7, selfLink: '/x' })),
    post(
      `${path}?${DRY}`,
      named({ deletionTimestamp: '2020-01-01T00:00:00Z', deletionGracePeriodSeconds: 5 }),
    ),
    post(`${path}?${DRY}`, named({ namespace: 'another' })),
    post(`${path}?${DRY}`, named({ finalizers: ['odd'], ownerReferences: [{ name: 'x' }] })),
    post(`${path}?${DRY}&fieldManager=${'x'.repeat(130)}`, sample),
    post(`${path}?${DRY}&fieldValidation=Odd`, sample),
    post(`${path}?dryRun=Odd`, sample),
    post(`${path}?${DRY}&pretty=true`, sample),
    { ...post(path, sample), ...(CONTROLLED.has(resource) && { settles: one }) },
    post(path, named({ generateName: 'g-' })),
    ...(['merge', 'strategic'] as const).flatMap((type) => [
      patch(type, `${one}?${DRY}`, labelled),
      patch(type, `${one}?${DRY}`, {}),
      patch(type, `${one}?${DRY}&force=true`, labelled),
      patch(type, `${one}?${DRY}`, { metadata: { name: 'other' } }),
      patch(type, `${one}?${DRY}`, { metadata: { resourceVersion: '1' } }),
      patch(type, `${one}?${DRY}&fieldValidation=Strict`, { unknown: { a: 1 } }),
      patch(type, `${path}/none?${DRY}`, labelled),
    ]),
    patch('json', `${one}?${DRY}`, replaceLabels),
    patch('json', `${one}?${DRY}`, [{ op: 'remove', path: '/none' }]),
    patch('json', `${path}/none?${DRY}`, replaceLabels),
    patch('apply', `${one}?${DRY}&fieldManager=a`, applied),
    patch('apply', `${one}?${DRY}&fieldManager=a&force=true`, { ...sample, ...applied }),
    patch('apply', `${one}?${DRY}&fieldManager=a`, { ...applied, metadata: { name: 'other' } }),
    patch('apply', `${one}?${DRY}&fieldManager=a`, { ...applied, apiVersion: 'v2' }),
    patch('apply', `${one}?${DRY}&fieldManager=a`, { ...applied, metadata: { name, managedFields: [{}] } }),
    patch('apply', `${path}/none?${DRY}&fieldManager=a`, { ...applied, metadata: { name: 'none' } }),
    ...(['merge', 'strategic', 'json', 'apply'] as const).map((type) =>
      patch(type, `${status}?${DRY}&fieldManager=a`, type === 'json' ? replaceLabels : applied),
    ),
    put(`${status}?${DRY}`, sample),
    put(`${one}?${DRY}`, named({ resourceVersion: '1' })),
    put(`${one}?${DRY}`, named({ uid: 'x' })),
    put(`${one}?${DRY}`, named({ name: undefined })),
    put(`${path}/none?${DRY}`, named({ name: 'none' })),
    get(`${path}?labelSelector=by`, TABLE),
    get(`${path}?fieldSelector=metadata.name%3D${name}`, PARTIALS),
    get(`${path}?fieldSelector=metadata.name%3D${name}&limit=1`),
    get(`${path}?fieldSelector=metadata.name%21%3D${name},metadata.namespace%3Dx`),
    get(`${path}?fieldSelector=metadata.name%3D${name}&watch=1&timeoutSeconds=1&${INITIAL}`),
    get(`${path}?sendInitialEvents=true`),
    get(`${path}?watch=1&sendInitialEvents=true`),
    get(`${path}?watch=1&${INITIAL}&resourceVersion=x`),
    remove(`${path}?labelSelector=no%3Dsuch&${DRY}`),
    remove(`${path}?labelSelector=no%3Dsuch`, options({ propagationPolicy: 'Odd' })),
    remove(`${path}?labelSelector=%21%21`),
    remove(`${one}?${DRY}&propagationPolicy=Orphan`),
    remove(`${one}?${DRY}&propagationPolicy=Foreground`),
    remove(`${one}?${DRY}&gracePeriodSeconds=-1`),
    remove(one, options({ preconditions: { resourceVersion: '1' } })),
    remove(one, options({ propagationPolicy: 'Background', orphanDependents: false })),
    remove(`${path}/none`),
    ...endOf(served),
  ];
}
