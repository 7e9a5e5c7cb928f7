import type { FieldPath } from '../../meta/field-path.ts';
import type { Container, EphemeralContainer, PodSpec } from './v1/types.ts';

export interface ContainerAtPath {
  readonly container: Container | EphemeralContainer;
  readonly path: FieldPath;
}

/** All containers of a pod: init, regular, ephemeral. */
export function* containersWithPath(spec: PodSpec, specPath: FieldPath): Generator<ContainerAtPath> {
  for (const field of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [index, container] of (spec[field] ?? []).entries()) {
      yield { container, path: specPath.child(field).index(index) };
    }
  }
}

/** Like `containersWithPath`, without paths. */
export const containersOf = (spec: PodSpec): (Container | EphemeralContainer)[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
];
