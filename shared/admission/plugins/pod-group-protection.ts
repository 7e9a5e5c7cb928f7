import type { AdmissionPluginFactory } from '../admission.ts';
import { isWhole, operations } from '../attributes.ts';

const FINALIZER = 'scheduling.k8s.io/podgroup-protection';

/** Adds a finalizer that keeps a pod group until no pods belong to it. */
export const podGroupProtection: AdmissionPluginFactory = ({ featureEnabled }) => ({
  name: 'PodGroupProtection',
  handles: operations('CREATE'),
  judges: [{ group: 'scheduling.k8s.io', resource: 'podgroups' }],
  async admit(attributes) {
    if (!featureEnabled('GenericWorkload')) return;
    if (!isWhole(attributes, 'scheduling.k8s.io', 'podgroups')) return;
    const { metadata } = attributes.object!;
    const finalizers = metadata.finalizers ?? [];
    if (!finalizers.includes(FINALIZER)) metadata.finalizers = [...finalizers, FINALIZER];
  },
});
