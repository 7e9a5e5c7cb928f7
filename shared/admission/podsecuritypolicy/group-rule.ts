/** The rule common to runAsGroup, fsGroup and supplementalGroups. */

import type { IDRange } from '../../apis/policy/v1beta1/types.ts';
import { type FieldError, invalid } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { formatRanges, isInRanges } from './id-ranges.ts';

export interface GroupRule {
  /** The default; undefined if there is none. */
  readonly group: number | undefined;
  validate(path: FieldPath, groups: readonly number[]): FieldError[];
}

const RUN_AS_ANY: GroupRule = { group: undefined, validate: () => [] };

/** `field` is the option's name in errors. Throws Error for unknown rules and for missing ranges. */
export function groupRule(
  field: string,
  { rule = '', ranges = [] }: { rule?: string | undefined; ranges?: readonly IDRange[] | undefined },
): GroupRule {
  if (rule === 'RunAsAny') return RUN_AS_ANY;
  if (rule !== 'MustRunAs' && rule !== 'MayRunAs') {
    throw new Error(`Unrecognized ${field} strategy type ${rule}`);
  }
  const [first] = ranges;
  if (first === undefined) throw new Error(`ranges must be supplied for ${rule}`);
  const must = rule === 'MustRunAs';
  return {
    group: must ? first.min : undefined,
    validate(path, groups) {
      if (must && groups.length === 0) {
        return [invalid(path, null, 'unable to validate empty groups against required ranges')];
      }
      return groups
        .filter((group) => !isInRanges(group, ranges))
        .map((group) =>
          invalid(path, groups, `group ${group} must be in the ranges: ${formatRanges(ranges)}`),
        );
    },
  };
}
