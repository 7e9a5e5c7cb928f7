import type { PodGroup, Workload } from '../../apis/scheduling/v1alpha2/types.ts';
import { quote } from '../../runtime/go-format.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isWhole, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';

const GROUP = 'scheduling.k8s.io';

/** A pod group made from a template needs the workload that has it. */
export const podGroupWorkloadExists: AdmissionPluginFactory = ({ resources, featureEnabled }) => ({
  name: 'PodGroupWorkloadExists',
  handles: operations('CREATE'),
  async validate(attributes) {
    if (!featureEnabled('GenericWorkload') || !isWhole(attributes, GROUP, 'podgroups')) return;
    const reference = (attributes.object as PodGroup).spec.podGroupTemplateRef?.workload;
    if (reference === undefined) return;
    const { workloadName, podGroupTemplateName } = reference;
    const lister = resources.lister<Workload>({ group: GROUP, resource: 'workloads' });
    const { namespace } = attributes;
    const workload =
      (await lister.get(namespace, workloadName)) ?? (await lister.get(namespace, workloadName, 0));
    if (workload === undefined) {
      throw forbidden(attributes, `PodGroup rejected: Workload ${quote(workloadName)} not found`);
    }
    if (workload.metadata.deletionTimestamp !== undefined) {
      throw forbidden(attributes, `PodGroup rejected: Workload ${quote(workloadName)} is being deleted`);
    }
    const templates = workload.spec.podGroupTemplates ?? [];
    if (templates.some(({ name }) => name === podGroupTemplateName)) return;
    throw forbidden(
      attributes,
      `PodGroup rejected: PodGroupTemplate ${quote(podGroupTemplateName)} not found in Workload ${quote(workloadName)}`,
    );
  },
});
