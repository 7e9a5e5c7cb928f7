/** Defaults that pods have and templates don't, so that templates stay as they were written. */

import type { Container, Pod } from './types.ts';

/** What is limited and not asked for is asked for up to the limit. */
function setRequestDefaults({ resources }: Container): void {
  if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
}

/** On the node's network a container's ports are the node's. */
function setHostPortDefaults({ ports }: Container): void {
  for (const port of ports ?? []) port.hostPort ||= port.containerPort;
}

export function setPodDefaults({ spec }: Pod): void {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  containers.forEach(setRequestDefaults);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) containers.forEach(setHostPortDefaults);
  const seconds = spec.terminationGracePeriodSeconds;
  if (seconds !== undefined && seconds < 0) spec.terminationGracePeriodSeconds = 1;
}
