import { EXCLUDE_GATE, VIRTUAL_RESOURCES } from '../../admission/policy/virtual-resources.ts';
import type { MutatingWebhook, ValidatingWebhook } from '../../apis/admissionregistration/v1/types.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { formatGroupResource } from '../../runtime/group-version.ts';

/**
 * Warnings about rules for resources that webhooks never see
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/admissionregistration/validation/webhook_warnings.go).
 */
export function excludedRuleWarnings(
  { featureEnabled }: Pick<RequestContext, 'featureEnabled'>,
  webhooks: readonly (MutatingWebhook | ValidatingWebhook)[] = [],
): string[] {
  if (!featureEnabled(EXCLUDE_GATE)) return [];
  return webhooks.flatMap(({ rules = [] }, webhook) =>
    rules.flatMap(({ apiGroups = [], resources = [] }, rule) => {
      // A wildcard may be intended for other resources.
      if (apiGroups.includes('*') || resources.includes('*')) return [];
      const named = apiGroups.flatMap((group) =>
        resources.map((resource) => formatGroupResource({ group, resource })),
      );
      return [...new Set(named)]
        .filter((name) => VIRTUAL_RESOURCES.has(name))
        .map(
          (name) =>
            `webhooks[${webhook}].rules[${rule}]: ${name} is excluded from admission webhooks; this rule will have no effect`,
        );
    }),
  );
}
