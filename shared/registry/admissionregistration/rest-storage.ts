import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { mutatingAdmissionPolicyStrategy } from './mutatingadmissionpolicy/strategy.ts';
import { mutatingAdmissionPolicyBindingStrategy } from './mutatingadmissionpolicybinding/strategy.ts';
import { mutatingWebhookConfigurationStrategy } from './mutatingwebhookconfiguration/strategy.ts';
import {
  validatingAdmissionPolicyStatusStrategy,
  validatingAdmissionPolicyStrategy,
} from './validatingadmissionpolicy/strategy.ts';
import { validatingAdmissionPolicyBindingStrategy } from './validatingadmissionpolicybinding/strategy.ts';
import { validatingWebhookConfigurationStrategy } from './validatingwebhookconfiguration/strategy.ts';

export const admissionregistrationStorage = groupStorage('admissionregistration.k8s.io', {
  mutatingadmissionpolicies: storedResource({ version: 'v1', strategy: mutatingAdmissionPolicyStrategy }),
  mutatingadmissionpolicybindings: storedResource({
    version: 'v1',
    strategy: mutatingAdmissionPolicyBindingStrategy,
  }),
  mutatingwebhookconfigurations: storedResource({
    version: 'v1',
    strategy: mutatingWebhookConfigurationStrategy,
  }),
  validatingadmissionpolicies: storedResource({
    version: 'v1',
    strategy: validatingAdmissionPolicyStrategy,
    status: validatingAdmissionPolicyStatusStrategy,
  }),
  validatingadmissionpolicybindings: storedResource({
    version: 'v1',
    strategy: validatingAdmissionPolicyBindingStrategy,
  }),
  validatingwebhookconfigurations: storedResource({
    version: 'v1',
    strategy: validatingWebhookConfigurationStrategy,
  }),
});
