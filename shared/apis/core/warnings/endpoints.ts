import { FieldPath } from '../../../meta/field-path.ts';
import { warningsForIP } from '../../../meta/validation/ip.ts';
import type { Endpoints } from '../v1/types.ts';

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const CONTROLLER = 'endpoint-controller';

/** Endpoints written by the controller get no warnings. */
export function warningsForEndpoints({ metadata, subsets }: Endpoints): string[] {
  if (metadata.labels?.[MANAGED_BY] === CONTROLLER) return [];
  return (subsets ?? []).flatMap((subset, index) =>
    (['addresses', 'notReadyAddresses'] as const).flatMap((field) =>
      (subset[field] ?? []).flatMap(({ ip }, number) =>
        warningsForIP(FieldPath.of('subsets').index(index).child(field).index(number).child('ip'), ip),
      ),
    ),
  );
}
