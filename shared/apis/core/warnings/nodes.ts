import { FieldPath } from '../../../meta/field-path.ts';
import { warningsForCIDR } from '../../../meta/validation/ip.ts';
import type { Node } from '../v1/types.ts';

export function warningsForNode({ spec }: Node): string[] {
  const path = FieldPath.of('spec', 'podCIDRs');
  return [
    ...(spec?.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...(spec?.podCIDRs ?? []).flatMap((cidr, index) => warningsForCIDR(path.index(index), cidr)),
  ];
}
