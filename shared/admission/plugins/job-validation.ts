import type { Job } from '../../apis/batch/v1/types.ts';
import type { PodGroup } from '../../apis/scheduling/v1alpha2/types.ts';
import { isControlledBy } from '../../meta/owner-reference.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { quote } from '../../runtime/go-format.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isWhole, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';

/** The size of a gang is fixed: a Job whose pods start together keeps its parallelism. */
export const jobValidation: AdmissionPluginFactory = ({ resources, featureEnabled }) => ({
  name: 'JobValidation',
  handles: operations('UPDATE'),
  async validate(attributes) {
    if (!featureEnabled('GenericWorkload') || !isWhole(attributes, 'batch', 'jobs')) return;
    const [job, old] = [attributes.object as Job, attributes.oldObject as Job];
    if (job.spec.parallelism === old.spec.parallelism) return;
    const gang = (await podGroupsOf(resources, old)).find(({ spec }) => spec.schedulingPolicy.gang);
    if (gang === undefined) return;
    throw forbidden(
      attributes,
      `cannot change parallelism for a Job referencing gang-scheduled PodGroup ${quote(gang.metadata.name ?? '')}`,
    );
  },
});

/** The one that its pods name, else those that the Job owns. */
async function podGroupsOf(resources: ResourceAccess, job: Job): Promise<readonly PodGroup[]> {
  const lister = resources.lister<PodGroup>({ group: 'scheduling.k8s.io', resource: 'podgroups' });
  const { namespace = '' } = job.metadata;
  const name = job.spec.template.spec?.schedulingGroup?.podGroupName;
  if (name === undefined) {
    return (await lister.list(namespace)).filter((group) => isControlledBy(group, job));
  }
  const named = await lister.get(namespace, name);
  return named === undefined ? [] : [named];
}
