import type { Container, Pod, PodSpec, PodTemplateSpec } from '../../../../shared/apis/core/v1/types.ts';

/** A container as it is after defaulting. */
export function container(fields: Partial<Container> = {}): Container {
  return {
    name: 'ctr',
    image: 'image',
    imagePullPolicy: 'IfNotPresent',
    terminationMessagePolicy: 'File',
    resources: {},
    ...fields,
  };
}

/** A pod's spec as it is after defaulting. */
export function podSpec(fields: Partial<PodSpec> = {}): PodSpec {
  return {
    containers: [container()],
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    terminationGracePeriodSeconds: 30,
    securityContext: {},
    enableServiceLinks: true,
    schedulerName: 'default-scheduler',
    ...fields,
  };
}

export function pod(fields: Partial<PodSpec> = {}, metadata: Pod['metadata'] = {}): Pod {
  return {
    metadata: { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '1', ...metadata },
    spec: podSpec(fields),
    status: {},
  };
}

export function template(
  fields: Partial<PodSpec> = {},
  metadata: PodTemplateSpec['metadata'] = {},
): PodTemplateSpec {
  return { metadata, spec: podSpec(fields) };
}
