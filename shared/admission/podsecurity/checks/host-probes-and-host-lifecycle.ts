import type { LifecycleHandler } from '../../../apis/core/v1/types.ts';
import { type AnyContainer, containersOf } from '../../pod-containers.ts';
import {
  type CheckPod,
  containersNamed,
  joinQuoted,
  type PodSecurityCheck,
  plural,
  sortedSet,
} from '../check.ts';

type Handler = Pick<LifecycleHandler, 'httpGet' | 'tcpSocket'> | undefined;

function hostsOf(container: AnyContainer): string[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const handlers: Handler[] = [
    livenessProbe,
    readinessProbe,
    startupProbe,
    lifecycle?.postStart,
    lifecycle?.preStop,
  ];
  return handlers.flatMap((handler) =>
    [handler?.httpGet?.host, handler?.tcpSocket?.host].filter((host) => host !== undefined && host !== ''),
  ) as string[];
}

const check: CheckPod = ({ spec }) => {
  const calling = containersOf(spec).filter((container) => hostsOf(container).length > 0);
  if (calling.length === 0) return undefined;
  const names = sortedSet(calling.map(({ name }) => name));
  const hosts = sortedSet(calling.flatMap(hostsOf));
  const what = plural(hosts.length, 'probe or lifecycle host');
  return {
    reason: 'probe or lifecycle host',
    detail: `${containersNamed(names)} ${plural(names.length, 'uses', 'use')} ${what} ${joinQuoted(hosts)}`,
  };
};

/** Probes and lifecycle hooks must not make the kubelet connect to other hosts. */
export const hostProbesAndHostLifecycle: PodSecurityCheck = {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  versions: [{ since: 34, check }],
};
