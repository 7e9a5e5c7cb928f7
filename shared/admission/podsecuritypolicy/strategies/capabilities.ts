import { ALL } from '../../../apis/policy/pod-security-policy.ts';
import { invalid } from '../../../meta/field-error.ts';
import type { StrategyFactory } from '../strategy.ts';

/** Capabilities that containers get by default, may add, and must drop. */
export const capabilities: StrategyFactory = ({ spec }) => {
  const defaults = spec.defaultAddCapabilities ?? [];
  const drops = spec.requiredDropCapabilities ?? [];
  const allowed = new Set([...defaults, ...(spec.allowedCapabilities ?? [])]);
  return {
    defaultContainer(_pod, container) {
      const { add = [], drop = [] } = container.securityContext?.capabilities ?? {};
      const dropped = new Set(drop);
      const adds = union(
        add,
        defaults.filter((capability) => !dropped.has(capability)),
      );
      const allDrops = union(drop, drops);
      if (adds.length === new Set(add).size && allDrops.length === new Set(drop).size) return;
      container.securityContext = {
        ...container.securityContext,
        capabilities: {
          ...(adds.length > 0 && { add: adds }),
          ...(allDrops.length > 0 && { drop: allDrops }),
        },
      };
    },
    validateContainer(_pod, { securityContext }, path) {
      const own = securityContext?.capabilities;
      const at = path.child('securityContext', 'capabilities');
      if (own === undefined) {
        if (defaults.length === 0 && drops.length === 0) return [];
        return [invalid(at, null, 'required capabilities are not set on the securityContext')];
      }
      if (spec.allowedCapabilities?.includes(ALL)) return [];
      const { add = [], drop = [] } = own;
      const dropped = new Set(drop);
      return [
        ...add
          .filter((capability) => !allowed.has(capability))
          .map((capability) => invalid(at.child('add'), capability, 'capability may not be added')),
        ...drops
          .filter((capability) => !dropped.has(capability))
          .map((capability) =>
            invalid(
              at.child('drop'),
              drop.length === 0 ? null : drop,
              `${capability} is required to be dropped but was not found`,
            ),
          ),
      ];
    },
  };
};

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}
