/** Defaults of pods that don't apply to templates, which are kept as written. */

import type { Container, Pod } from './types.ts';

/** Requests default to limits. */
function setRequestDefaults({ resources }: Container): void {
  if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
}

/** With host networking, host ports default to container ports. */
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
