import { compact } from '../../../util/compact.ts';
import type * as v1 from '../v1/types.ts';
import type { RuntimeClass } from './types.ts';

/** In v1alpha1 all fields are inside a spec. */
export function runtimeClassToInternal({ metadata, spec }: RuntimeClass): v1.RuntimeClass {
  return compact({
    metadata,
    handler: spec.runtimeHandler,
    overhead: spec.overhead,
    scheduling: spec.scheduling,
  });
}

export function runtimeClassFromInternal({
  metadata,
  handler,
  overhead,
  scheduling,
}: v1.RuntimeClass): RuntimeClass {
  return { metadata, spec: compact({ runtimeHandler: handler, overhead, scheduling }) };
}
