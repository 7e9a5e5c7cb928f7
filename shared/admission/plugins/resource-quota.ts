import { formatFieldError, required } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { aggregateMessages } from '../../runtime/go-format.ts';
import { isJSONObject } from '../../util/json.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isKind, isResource, NAMESPACE_KIND, operations } from '../attributes.ts';
import type { LimitedResource } from '../quota/check-request.ts';
import { quotaEvaluatorFor } from '../quota/evaluators.ts';
import { listObjectsOf } from '../quota/list-objects.ts';
import { QuotaEvaluation } from '../quota/quota-evaluation.ts';
import { DEVICE_CLASSES } from '../quota/resource-claim-evaluator.ts';

/** Enforces resource quotas of namespaces, even with concurrent requests on several servers. */
export const resourceQuota: AdmissionPluginFactory = ({ resources, configuration, featureEnabled }) => {
  const evaluation = new QuotaEvaluation(resources, readLimitedResources(configuration));
  const cluster = { list: listObjectsOf(resources), featureEnabled };
  return {
    name: 'ResourceQuota',
    handles: operations('CREATE', 'UPDATE'),
    reads(attributes) {
      if (attributes.namespace === '') return [];
      const isClaim = isResource(attributes, 'resource.k8s.io', 'resourceclaims');
      const hasClasses = isClaim && featureEnabled('DRAExtendedResource');
      return [{ group: '', resource: 'resourcequotas' }, ...(hasClasses ? [DEVICE_CLASSES] : [])];
    },
    async validate(attributes) {
      const { namespace, operation } = attributes;
      if (namespace === '' || (operation === 'CREATE' && isKind(attributes, NAMESPACE_KIND))) return;
      const evaluator = quotaEvaluatorFor(attributes.resource);
      if (!evaluator?.handles(attributes)) return;
      const objects = [attributes.object, attributes.oldObject].filter((object) => object !== undefined);
      const informed = await evaluator.informed?.(async () => objects, namespace, cluster);
      await evaluation.evaluate(attributes, informed ?? evaluator);
    },
  };
};

function readLimitedResources(configuration: unknown): readonly LimitedResource[] {
  const limited = isJSONObject(configuration) ? (configuration['limitedResources'] as unknown) : undefined;
  if (!Array.isArray(limited)) return [];
  const path = FieldPath.of('limitedResources');
  const errors = (limited as readonly Partial<LimitedResource>[]).flatMap(({ resource }, index) =>
    resource ? [] : [formatFieldError(required(path.index(index).child('resource'), ''))],
  );
  if (errors.length > 0) throw new Error(aggregateMessages(errors));
  return limited;
}
