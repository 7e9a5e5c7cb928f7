import type { AdmissionPluginFactory } from '../admission.ts';

/** Admits everything. Kept for compatibility with old command lines. */
export const alwaysAdmit: AdmissionPluginFactory = () => ({
  name: 'AlwaysAdmit',
  handles: () => true,
  admit: async () => {},
  validate: async () => {},
});
