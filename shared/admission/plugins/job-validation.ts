import type { AdmissionPluginFactory } from '../admission.ts';
import { operations } from '../attributes.ts';

/** Of the gate WorkloadWithJob. Upstream's plugin has no rule of its own yet. */
export const jobValidation: AdmissionPluginFactory = () => ({
  name: 'JobValidation',
  handles: operations('CREATE', 'UPDATE'),
  validate: async () => {},
});
