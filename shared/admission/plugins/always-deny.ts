import type { AdmissionAttributes, AdmissionPluginFactory } from '../admission.ts';
import { forbidden } from '../errors.ts';

/** Rejects every write, for testing clients. */
export const alwaysDeny: AdmissionPluginFactory = () => {
  const deny = async (attributes: AdmissionAttributes): Promise<void> => {
    throw forbidden(attributes, 'admission control is denying all modifications');
  };
  return { name: 'AlwaysDeny', handles: () => true, admit: deny, validate: deny };
};
