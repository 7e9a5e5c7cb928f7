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
  mutatingadmissionpolicies: storedResource({
    anyFinalizers: true,
    version: 'v1',
    strategy: mutatingAdmissionPolicyStrategy,
  }),
  mutatingadmissionpolicybindings: storedResource({
    anyFinalizers: true,
    version: 'v1',
    strategy: mutatingAdmissionPolicyBindingStrategy,
  }),
  mutatingwebhookconfigurations: storedResource({
    anyFinalizers: true,
    version: 'v1',
    strategy: mutatingWebhookConfigurationStrategy,
  }),
  validatingadmissionpolicies: storedResource({
    anyFinalizers: true,
    version: 'v1',
    strategy: validatingAdmissionPolicyStrategy,
    status: validatingAdmissionPolicyStatusStrategy,
  }),
  validatingadmissionpolicybindings: storedResource({
    anyFinalizers: true,
    version: 'v1',
    strategy: validatingAdmissionPolicyBindingStrategy,
  }),
  validatingwebhookconfigurations: storedResource({
    anyFinalizers: true,
    version: 'v1',
    strategy: validatingWebhookConfigurationStrategy,
  }),
});
