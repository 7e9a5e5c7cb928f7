import { validateKubeFinalizers } from '../../apis/core/validation/helpers.ts';
import { FieldPath } from '../../meta/field-path.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { RESTStrategy } from '../../rest/strategy.ts';

const METADATA = FieldPath.of('metadata');

/** Adds upstream's rules for finalizers of built-in kinds to those of apimachinery; for most kinds also on update. */
export function withFinalizerRules<T extends KubeObject>(
  strategy: RESTStrategy<T>,
  { onUpdate = true }: { readonly onUpdate?: boolean } = {},
): RESTStrategy<T> {
  const withCreateRule: RESTStrategy<T> = {
    ...strategy,
    async validate(context, object) {
      const errors = validateKubeFinalizers(object.metadata, METADATA);
      return errors.concat((await strategy.validate?.(context, object)) ?? []);
    },
  };
  if (!onUpdate) return withCreateRule;
  return {
    ...withCreateRule,
    async validateUpdate(context, object, old) {
      const errors = validateKubeFinalizers(object.metadata, METADATA);
      return errors.concat((await strategy.validateUpdate?.(context, object, old)) ?? []);
    },
  };
}
