/** The containers of a pod, of all three kinds. */

import type { Container, EphemeralContainer, PodSpec } from '../apis/core/v1/types.ts';

export type AnyContainer = Container | EphemeralContainer;

interface ContainerList {
  readonly field: 'initContainers' | 'containers' | 'ephemeralContainers';
  readonly containers: readonly AnyContainer[];
}

/** In the order in which upstream visits them: init, regular, ephemeral. */
function containerListsOf(spec: PodSpec): readonly ContainerList[] {
  return [
    { field: 'initContainers', containers: spec.initContainers ?? [] },
    { field: 'containers', containers: spec.containers ?? [] },
    { field: 'ephemeralContainers', containers: spec.ephemeralContainers ?? [] },
  ];
}

export function containersOf(spec: PodSpec): readonly AnyContainer[] {
  return containerListsOf(spec).flatMap(({ containers }) => containers);
}
