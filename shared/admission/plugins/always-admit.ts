import type { AdmissionPluginFactory } from '../admission.ts';

/** Lets everything pass. Kept for old command lines. */
export const alwaysAdmit: AdmissionPluginFactory = () => ({
  name: 'AlwaysAdmit',
  handles: () => true,
  admit: async () => {},
  validate: async () => {},
});
