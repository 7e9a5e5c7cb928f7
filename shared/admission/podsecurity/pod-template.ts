import type { PodTemplateSpec } from '../../apis/core/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { formatGroupResource, type GroupResource } from '../../runtime/group-version.ts';
import type { PodLike } from './check.ts';

const PATHS = new Map<string, readonly string[]>([
  ['podtemplates', ['template']],
  ['cronjobs.batch', ['spec', 'jobTemplate', 'spec', 'template']],
  ...[
    'replicationcontrollers',
    'replicasets.apps',
    'deployments.apps',
    'statefulsets.apps',
    'daemonsets.apps',
    'jobs.batch',
  ].map((resource) => [resource, ['spec', 'template']] as const),
]);

/** Whether objects of the resource contain a pod template. */
export function hasPodTemplate(resource: GroupResource): boolean {
  return PATHS.has(formatGroupResource(resource));
}

/** The pod template of an object; undefined if it has none. */
export function podTemplateOf(resource: GroupResource, object: KubeObject): PodLike | undefined {
  const path = PATHS.get(formatGroupResource(resource)) ?? [];
  let value: unknown = object;
  for (const field of path) value = (value as Record<string, unknown> | undefined)?.[field];
  const template = value as PodTemplateSpec | undefined;
  if (template?.spec === undefined) return undefined;
  return { metadata: template.metadata ?? {}, spec: template.spec };
}
