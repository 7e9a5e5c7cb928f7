import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { createMutatingAdmissionPolicyStrategy } from './mutatingadmissionpolicy/strategy.ts';
import { createMutatingAdmissionPolicyBindingStrategy } from './mutatingadmissionpolicybinding/strategy.ts';
import { mutatingWebhookConfigurationStrategy } from './mutatingwebhookconfiguration/strategy.ts';
import {
  createValidatingAdmissionPolicyStatusStrategy,
  createValidatingAdmissionPolicyStrategy,
} from './validatingadmissionpolicy/strategy.ts';
import { createValidatingAdmissionPolicyBindingStrategy } from './validatingadmissionpolicybinding/strategy.ts';
import { validatingWebhookConfigurationStrategy } from './validatingwebhookconfiguration/strategy.ts';

export const admissionregistrationStorage = groupStorage('admissionregistration.k8s.io', {
  mutatingadmissionpolicies: storedResource({
    anyFinalizers: true,
    version: 'v1',
    strategy: createMutatingAdmissionPolicyStrategy,
  }),
  mutatingadmissionpolicybindings: storedResource({
    anyFinalizers: true,
    version: 'v1',
    strategy: createMutatingAdmissionPolicyBindingStrategy,
  }),
  mutatingwebhookconfigurations: storedResource({
    anyFinalizers: true,
    version: 'v1',
    strategy: mutatingWebhookConfigurationStrategy,
  }),
  validatingadmissionpolicies: storedResource({
    anyFinalizers: true,
    version: 'v1',
    strategy: createValidatingAdmissionPolicyStrategy,
    status: createValidatingAdmissionPolicyStatusStrategy,
  }),
  validatingadmissionpolicybindings: storedResource({
    anyFinalizers: true,
    version: 'v1',
    strategy: createValidatingAdmissionPolicyBindingStrategy,
  }),
  validatingwebhookconfigurations: storedResource({
    anyFinalizers: true,
    version: 'v1',
    strategy: validatingWebhookConfigurationStrategy,
  }),
});
