import type { Container, PodSpec } from '../../../../shared/apis/core/v1/types.ts';

/** A container after defaulting. */
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

/** A pod spec after defaulting. */
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
